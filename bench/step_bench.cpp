// Training steps and predictions of the tutorial's networks, through the public interface.
//
//   build/release/bin/sinew_bench --benchmark_filter=Cnn

#include <benchmark/benchmark.h>
#include <sinew/base/philox.h>
#include <sinew/sinew.h>

#include <algorithm>

namespace sinew {
namespace {

using namespace layers;

Tensor uniform(Shape shape) {
  PhiloxStream numbers(1, 0);
  Tensor tensor(std::move(shape));
  for (float& value : tensor.data<float>()) value = static_cast<float>(numbers.uniform());
  return tensor;
}

Tensor labels(std::int64_t rows, std::uint64_t classes) {
  PhiloxStream numbers(2, 0);
  Tensor tensor(Shape{rows}, DType::Int64);
  for (std::int64_t& label : tensor.data<std::int64_t>())
    label = static_cast<std::int64_t>(numbers.below(classes));
  return tensor;
}

Sequential cnn() {
  Sequential model({Conv2D(32, {3, 3}, {.activation = "relu", .input_shape = {28, 28, 1}}),
                    MaxPooling2D({2, 2}), Conv2D(64, {3, 3}, {.activation = "relu"}),
                    MaxPooling2D({2, 2}), Flatten(), Dense(128, {.activation = "relu"}),
                    Dense(10, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

Sequential lstm(std::int64_t steps, std::int64_t features) {
  Sequential model({LSTM(128, {.return_sequences = true, .input_shape = {steps, features}}),
                    LSTM(128, {.return_sequences = true}), LSTM(128),
                    Dense(10, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
  return model;
}

void train(benchmark::State& state, Sequential model, const Tensor& x) {
  const Tensor y = labels(x.shape()[0], 10);
  model.train_on_batch(x, y);
  for (auto _ : state) model.train_on_batch(x, y);
  state.SetItemsProcessed(state.iterations() * x.shape()[0]);
}

void predict(benchmark::State& state, Sequential model, const Tensor& x) {
  model.predict_on_batch(x);
  for (auto _ : state) benchmark::DoNotOptimize(model.predict_on_batch(x));
  state.SetItemsProcessed(state.iterations() * x.shape()[0]);
}

void CnnTrain(benchmark::State& state) {
  train(state, cnn(), uniform({state.range(0), 28, 28, 1}));
}
void CnnPredict(benchmark::State& state) {
  predict(state, cnn(), uniform({state.range(0), 28, 28, 1}));
}
void LstmTrain(benchmark::State& state) {
  train(state, lstm(state.range(0), state.range(1)), uniform({32, state.range(0), state.range(1)}));
}
/// One recurrent layer of 128 units on 128 steps of 16 features; of each row the first
/// state.range(0) to state.range(1) percent of the steps count.
void MaskedTrain(benchmark::State& state, const LayerPtr& recurrent) {
  constexpr std::int64_t kRows = 32, kSteps = 128, kFeatures = 16;
  Tensor x = uniform({kRows, kSteps, kFeatures});
  PhiloxStream numbers(3, 0);
  for (std::int64_t row = 0; row < kRows; ++row) {
    const auto spread = static_cast<double>(state.range(1) - state.range(0)) / 100;
    const double share = static_cast<double>(state.range(0)) / 100 + numbers.uniform() * spread;
    const auto steps = static_cast<std::int64_t>(share * kSteps);
    std::fill_n(x.data<float>().begin() + (row * kSteps + steps) * kFeatures,
                (kSteps - steps) * kFeatures, 0.0f);
  }
  Sequential model({Masking(0.0, {.input_shape = {kSteps, kFeatures}}), recurrent,
                    Dense(10, {.activation = "softmax"})});
  model.compile({.loss = "sparse_categorical_crossentropy"});
  train(state, std::move(model), x);
}
void MaskedLstmTrain(benchmark::State& state) { MaskedTrain(state, LSTM(128)); }
void MaskedGruTrain(benchmark::State& state) { MaskedTrain(state, GRU(128)); }
void LstmPredict(benchmark::State& state) {
  predict(state, lstm(28, 28), uniform({state.range(0), 28, 28}));
}

BENCHMARK(CnnTrain)->Arg(32)->Arg(256)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(CnnPredict)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(LstmTrain)->Args({128, 9})->Args({28, 28})->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(MaskedLstmTrain)
    ->Args({100, 100})
    ->Args({0, 100})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(MaskedGruTrain)
    ->Args({100, 100})
    ->Args({0, 100})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(LstmPredict)->Arg(1)->Arg(64)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sinew
