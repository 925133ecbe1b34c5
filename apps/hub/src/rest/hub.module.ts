import { type DynamicModule, Module } from "@nestjs/common";
import { type Journal } from "@wheelhouse/hub-store";
import { ClusterOperations } from "../fleet/cluster-operations.ts";
import { FleetOperations } from "../fleet/fleet-operations.ts";
import { LoginLimit } from "../people/login-limit.ts";
import { People } from "../people/people.ts";
import { FleetViews } from "../view/fleet-views.ts";
import { ClustersController } from "./clusters.controller.ts";
import { FleetEvents } from "./fleet-events.ts";
import { FleetController, JOURNAL } from "./fleet.controller.ts";
import { HealthController } from "./health.controller.ts";
import { LOGIN_PAGE, LoginController } from "./login.controller.ts";
import { OperationsController } from "./operations.controller.ts";
import { RolloutsController } from "./rollouts.controller.ts";
import { TokensController } from "./tokens.controller.ts";

/** What the routes call. */
export interface HubServices {
  readonly people: People;
  readonly loginLimit: LoginLimit;
  readonly views: FleetViews;
  readonly events: FleetEvents;
  readonly clusters: ClusterOperations;
  readonly fleet: FleetOperations;
  readonly journal: Journal;
}

/** Every controller of the API. */
export const controllers = [
  HealthController,
  LoginController,
  FleetController,
  ClustersController,
  RolloutsController,
  OperationsController,
  TokensController,
] as const;

/** Binds what the hub is made of to its routes. */
@Module({})
export class HubModule {
  static of(services: HubServices, loginPage: string): DynamicModule {
    return {
      module: HubModule,
      controllers: [...controllers],
      providers: [
        { provide: People, useValue: services.people },
        { provide: LoginLimit, useValue: services.loginLimit },
        { provide: FleetViews, useValue: services.views },
        { provide: FleetEvents, useValue: services.events },
        { provide: ClusterOperations, useValue: services.clusters },
        { provide: FleetOperations, useValue: services.fleet },
        { provide: LOGIN_PAGE, useValue: loginPage },
        { provide: JOURNAL, useValue: services.journal },
      ],
    };
  }
}
