// Element-wise loops and folds, each as a program of its own: bytes per second, to be set against
// `sinew info`'s triad.
//
//   build/release/bin/sinew_bench --benchmark_filter=Loop

#include <benchmark/benchmark.h>
#include <sinew/base/philox.h>
#include <sinew/graph/variable.h>
#include <sinew/ops/ops.h>

#include <cmath>

#include "compiler/compile.h"

namespace sinew {
namespace {

/// Runs a graph whose inputs are all float32. `bytes` is what it must read and write at least.
void run_loop(benchmark::State& state, Graph graph, double bytes) {
  std::vector<Tensor> inputs;
  for (const Node& node : graph.nodes()) {
    if (node.op != graph.node(0).op || !node.attributes.has("name")) continue;
    Tensor tensor(node.outputs[0].shape);
    PhiloxStream numbers(3, inputs.size());
    for (float& value : tensor.data<float>()) value = static_cast<float>(numbers.normal());
    inputs.push_back(std::move(tensor));
  }
  const auto executable = compiler::compile(std::move(graph));
  for (auto _ : state) executable->run(inputs);
  state.counters["bytes"] =
      benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["steps"] = static_cast<double>(executable->program().steps.size());
}

void LoopAdam(benchmark::State& state) {
  const std::int64_t count = state.range(0);
  const auto make = [&](const char* name) {
    return std::make_shared<Variable>(name, Tensor::full({count}, 1.0));
  };
  const auto w = make("w"), m = make("m"), v = make("v");
  Graph graph;
  const Value g = graph.input("g", DType::Float32, {count});
  const Value old_m = graph.variable(m), old_v = graph.variable(v);
  const Value new_m = old_m + (g - old_m) * 0.1;
  const Value new_v = old_v + (ops::square(g) - old_v) * 0.001;
  graph.update(m, new_m);
  graph.update(v, new_v);
  graph.update(w, graph.variable(w) - new_m * 0.001 / (ops::sqrt(new_v) + 1e-7));
  run_loop(state, std::move(graph), 7.0 * 4.0 * static_cast<double>(count));
}
BENCHMARK(LoopAdam)->Arg(670'000)->Arg(10'000'000)->UseRealTime();

void LoopBiasGelu(benchmark::State& state) {
  const std::int64_t rows = state.range(0), columns = state.range(1);
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {rows, columns});
  const Value b = graph.input("b", DType::Float32, {columns});
  const Value t = x + b;
  graph.output("y", t * 0.5 * (1.0 + ops::erf(t * std::sqrt(0.5))));
  run_loop(state, std::move(graph), 8.0 * static_cast<double>(rows * columns));
}
BENCHMARK(LoopBiasGelu)->Args({2048, 1024})->UseRealTime();

/// One unary function, over data that stays in the first-level caches: nanoseconds an element and
/// thread.
template <Value (*kFunction)(Value)>
void LoopFunction(benchmark::State& state) {
  const std::int64_t count = 4096;
  Graph graph;
  graph.output("y", kFunction(graph.input("x", DType::Float32, {count})));
  run_loop(state, std::move(graph), 8.0 * static_cast<double>(count));
}
BENCHMARK(LoopFunction<ops::relu>)->Name("LoopRelu")->UseRealTime();
BENCHMARK(LoopFunction<ops::exp>)->Name("LoopExp")->UseRealTime();
BENCHMARK(LoopFunction<ops::tanh>)->Name("LoopTanh")->UseRealTime();
BENCHMARK(LoopFunction<ops::sigmoid>)->Name("LoopSigmoid")->UseRealTime();
BENCHMARK(LoopFunction<ops::erf>)->Name("LoopErf")->UseRealTime();
BENCHMARK(LoopFunction<ops::log>)->Name("LoopLog")->UseRealTime();
BENCHMARK(LoopFunction<ops::sqrt>)->Name("LoopSqrt")->UseRealTime();
BENCHMARK(LoopFunction<ops::rsqrt>)->Name("LoopRsqrt")->UseRealTime();

/// Activations of a residual network: batch 64, 32x32x16, 16x16x32, 8x8x64, and the last layers of
/// a large one.
void images(benchmark::internal::Benchmark* bench) {
  bench->Args({64 * 32 * 32, 16})->Args({64 * 16 * 16, 32})->Args({64 * 8 * 8, 64});
  bench->Args({64 * 7 * 7, 512})->UseRealTime();
}

void LoopNormalize(benchmark::State& state) {
  const std::int64_t rows = state.range(0), columns = state.range(1);
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {rows, columns});
  const Value mean = graph.input("mean", DType::Float32, {columns});
  const Value factor = graph.input("factor", DType::Float32, {columns});
  const Value beta = graph.input("beta", DType::Float32, {columns});
  graph.output("y", ops::relu((x - mean) * factor + beta));
  run_loop(state, std::move(graph), 8.0 * static_cast<double>(rows * columns));
}
BENCHMARK(LoopNormalize)->Apply(images);

void LoopColumnSum(benchmark::State& state) {
  const std::int64_t rows = state.range(0), columns = state.range(1);
  Graph graph;
  graph.output("y", ops::sum(graph.input("x", DType::Float32, {rows, columns}), {0}));
  run_loop(state, std::move(graph), 4.0 * static_cast<double>(rows * columns));
}
BENCHMARK(LoopColumnSum)->Apply(images);

void LoopColumnVariance(benchmark::State& state) {
  const std::int64_t rows = state.range(0), columns = state.range(1);
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {rows, columns});
  const Value mean = graph.input("mean", DType::Float32, {columns});
  graph.output("y", ops::sum(ops::square(x - mean), {0}));
  run_loop(state, std::move(graph), 4.0 * static_cast<double>(rows * columns));
}
BENCHMARK(LoopColumnVariance)->Apply(images);

void LoopRowSum(benchmark::State& state) {
  const std::int64_t rows = state.range(0), columns = state.range(1);
  Graph graph;
  const Value x = graph.input("x", DType::Float32, {rows, columns});
  graph.output("y", ops::sum(x * x, {1}));
  run_loop(state, std::move(graph), 4.0 * static_cast<double>(rows * columns));
}
BENCHMARK(LoopRowSum)->Args({65536, 16})->Args({2048, 1024})->UseRealTime();

void LoopNorm(benchmark::State& state) {
  const std::int64_t count = state.range(0);
  Graph graph;
  graph.output("y", ops::sum(ops::square(graph.input("x", DType::Float32, {count}))));
  run_loop(state, std::move(graph), 4.0 * static_cast<double>(count));
}
BENCHMARK(LoopNorm)->Arg(670'000)->Arg(10'000'000)->UseRealTime();

}  // namespace
}  // namespace sinew
