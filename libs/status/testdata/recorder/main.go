// Reads one question a line from standard input and prints the answer of Flux's
// own Go packages to each, one line of JSON in the same order:
//
//	{"object": {...}}                              kstatus of the object, and for a Job Flux's own reader
//	{"object": {...}, "exprs": {"current": "…"}}   status by health check expressions
//	{"readyExpr": "…", "self": {...}, "dep": {...}} whether a dependency is ready
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	"github.com/fluxcd/pkg/runtime/statusreaders"
	celgo "github.com/google/cel-go/cel"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kjson "k8s.io/apimachinery/pkg/util/json"
)

type expressions struct {
	InProgress string `json:"inProgress"`
	Failed     string `json:"failed"`
	Current    string `json:"current"`
}

type question struct {
	Object    map[string]any `json:"object"`
	Exprs     *expressions   `json:"exprs"`
	ReadyExpr string         `json:"readyExpr"`
	Self      map[string]any `json:"self"`
	Dep       map[string]any `json:"dep"`
}

// answer holds a status, or true or false, or why there is none.
type answer struct {
	// Kstatus is what kstatus alone says.
	Kstatus string `json:"kstatus,omitempty"`
	// Flux is what Flux waits for, where it reads the kind its own way.
	Flux  string `json:"flux,omitempty"`
	Ready *bool  `json:"ready,omitempty"`
	// Refused: the expression is not accepted at all.
	Refused string `json:"refused,omitempty"`
	// Error: accepted, but without a result for these values.
	Error string `json:"error,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		if err := kjson.Unmarshal(lines.Bytes(), &asked); err != nil {
			fail(err)
		}
		if err := out.Encode(answerTo(asked)); err != nil {
			fail(err)
		}
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func answerTo(asked question) answer {
	switch {
	case asked.ReadyExpr != "":
		return readiness(asked)
	case asked.Exprs != nil:
		return healthByExpressions(asked)
	default:
		return kstatus(asked.Object)
	}
}

func kstatus(object map[string]any) answer {
	u := &unstructured.Unstructured{Object: object}
	result, err := status.Compute(u)
	if err != nil {
		return answer{Error: err.Error()}
	}
	given := answer{Kstatus: result.Status.String()}
	gvk := u.GroupVersionKind()
	if gvk.Group == "batch" && gvk.Kind == "Job" {
		given.Flux = statusreaders.ComputeJobStatus(u).Status.String()
	}
	return given
}

func healthByExpressions(asked question) answer {
	evaluator, err := cel.NewStatusEvaluator(&kustomize.HealthCheckExpressions{
		InProgress: asked.Exprs.InProgress,
		Failed:     asked.Exprs.Failed,
		Current:    asked.Exprs.Current,
	})
	if err != nil {
		return answer{Refused: err.Error()}
	}
	u := &unstructured.Unstructured{Object: asked.Object}
	result, err := evaluator.Evaluate(context.Background(), u)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Flux: result.Status.String()}
}

func readiness(asked question) answer {
	expression, err := cel.NewExpression(asked.ReadyExpr,
		cel.WithCompile(),
		cel.WithOutputType(celgo.BoolType),
		cel.WithStructVariables("self", "dep"))
	if err != nil {
		return answer{Refused: err.Error()}
	}
	ready, err := expression.EvaluateBoolean(context.Background(),
		map[string]any{"self": asked.Self, "dep": asked.Dep})
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Ready: &ready}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
