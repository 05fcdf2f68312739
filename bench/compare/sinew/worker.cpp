// Sinew's worker: answers the requests of protocol.h through Sinew's public interface.

#include <sinew/runtime/machine.h>
#include <sinew/sinew.h>

#include <memory>

#include "../protocol.h"
#include "network.h"
#include "pipeline.h"

namespace {

using compare::Json;

/// What "prepare" made, for the requests that follow.
std::unique_ptr<compare::Network> network;
std::unique_ptr<compare::Pipeline> pipeline;

Json prepare(const Json& request) {
  sinew::set_num_threads(request.at("threads"));
  if (request.at("kind") == "pipeline") {
    pipeline = std::make_unique<compare::Pipeline>(request.at("images"), request.at("batch"));
  } else {
    network = std::make_unique<compare::Network>(request);
  }
  return {{"version", SINEW_VERSION}};
}

Json run(const Json& request) {
  if (pipeline) return compare::timed(request, [] { pipeline->epoch(); });
  return compare::timed(request, [] { network->step(); });
}

Json check(const Json& request) {
  if (pipeline) return {{"sum", pipeline->epoch()}};
  network->check(request.at("out"));
  return Json::object();
}

Json peak(const Json&) {
  const sinew::MachinePeak peak = sinew::measure_machine();
  return {{"gflops", peak.fma_flops / 1e9}, {"gb_s", peak.bandwidth / 1e9}};
}

Json machine(const Json&) { return {{"processor", sinew::machine_info().processor}}; }

Json initial_weights(const Json& request) {
  compare::write_initial_weights(request.at("config"), request.at("out"));
  return Json::object();
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
