// Sinew's worker: answers the requests of protocol.h through Sinew's public interface.

#include <sinew/runtime/machine.h>
#include <sinew/sinew.h>

#include <memory>

#include "../protocol.h"
#include "layer.h"
#include "network.h"
#include "pipeline.h"
#include "weights.h"

namespace {

using compare::Json;

/// What "prepare" made, for the requests that follow: a layer, a network or a pipeline.
struct Task {
  std::function<void()> step;
  std::function<Json(const Json& request)> check;
};
Task task;

template <typename T>
Task task_of(const Json& request) {
  const auto made = std::make_shared<T>(request);
  return {.step = [made] { made->step(); },
          .check =
              [made](const Json& request) {
                made->check(request.at("out"));
                return Json::object();
              }};
}

Task pipeline_of(const Json& request) {
  const auto made = std::make_shared<compare::Pipeline>(request.at("images"), request.at("batch"));
  return {.step = [made] { made->epoch(); },
          .check =
              [made](const Json&) {
                return Json{{"sum", made->epoch()}};
              }};
}

Json prepare(const Json& request) {
  sinew::set_num_threads(request.at("threads"));
  // The one before need not be kept meanwhile.
  task = {};
  const std::string kind = request.at("kind");
  task = kind == "pipeline" ? pipeline_of(request)
         : kind == "layer"  ? task_of<compare::Layer>(request)
                            : task_of<compare::Network>(request);
  return {{"version", SINEW_VERSION}};
}

Json run(const Json& request) { return compare::timed(request, task.step); }

Json check(const Json& request) { return task.check(request); }

Json peak(const Json&) {
  const sinew::MachinePeak peak = sinew::measure_machine();
  return {{"gflops", peak.fma_flops / 1e9}, {"gb_s", peak.bandwidth / 1e9}};
}

Json machine(const Json&) { return {{"processor", sinew::machine_info().processor}}; }

/// Answers with the outputs' shapes, too: -1 for the batch's extent.
Json initial_weights(const Json& request) {
  const sinew::Model model = sinew::model_from_json(request.at("config"));
  compare::write_initial_weights(model, request.at("out"));
  Json shapes = Json::array();
  for (const sinew::KerasTensor& output : model.outputs()) shapes.push_back(output.shape().dims());
  return {{"output_shapes", shapes}};
}

}  // namespace

int main() {
  compare::serve({{"prepare", prepare},
                  {"run", run},
                  {"check", check},
                  {"peak", peak},
                  {"machine", machine},
                  {"initial_weights", initial_weights}});
}
