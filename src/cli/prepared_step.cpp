#include "cli/prepared_step.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/run.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/base/philox.h"

namespace sinew::cli {

using model::Mode;

PreparedStep prepare_step(Model model, Mode mode, const TensorList& x, const TensorList& y) {
  model::State& state = *model.state();
  model::Arrays arrays = mode == Mode::Predict ? model::checked_inputs(state, x)
                                               : model::checked_arrays(state, x, y, {}, "");
  model::StepKey key = model::step_key(mode, arrays, arrays.rows);
  auto step = state.steps.get(state, key);
  std::vector<Tensor> batch = arrays.all();
  return {std::move(model), std::move(key), std::move(step), std::move(batch)};
}

PreparedStep prepare_step(Model model, Mode mode, std::int64_t batch_size) {
  const model::Network& network = model.state()->built_network();
  TensorList x;
  for (model::Network::Source source : network.inputs()) {
    const TensorType& type = network.type(source);
    const Shape shape = type.shape.with(0, batch_size);
    if (std::find(shape.begin(), shape.end(), Shape::kUnknown) != shape.end()) {
      throw ValueError(
          fmt::format("input '{}' of {} has shape {}: give data with --data, which say "
                      "how large the unknown extents are",
                      network.name(source), model.state()->where(), shape.str()));
    }
    x.push_back(made_up(shape, type.dtype, x.size()));
  }
  TensorList y;
  if (mode != Mode::Predict) {
    model::Training& training = model.state()->compiled_training();
    training.prepare(network, model.state()->weights(true));
    const std::vector<TensorType> wanted = training.usual_targets(network);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const Shape shape = wanted[i].shape.with(0, batch_size);
      y.push_back(made_up(shape, wanted[i].dtype, 100 + i));
    }
  }
  return prepare_step(std::move(model), mode, x, y);
}

Tensor made_up(const Shape& shape, DType dtype, std::uint64_t key) {
  Tensor tensor(shape);
  PhiloxStream numbers(1, key);
  for (float& value : tensor.data<float>()) {
    value = static_cast<float>(is_floating(dtype) ? numbers.uniform() : numbers.below(2));
  }
  return dtype == DType::Float32 ? tensor : tensor.cast(dtype);
}

Tensor made_up_labels(std::int64_t rows, std::int64_t classes) {
  Tensor tensor(Shape{rows}, DType::Int64);
  PhiloxStream numbers(2, 0);
  for (std::int64_t& label : tensor.data<std::int64_t>())
    label = static_cast<std::int64_t>(numbers.below(static_cast<std::uint64_t>(classes)));
  return tensor;
}

}  // namespace sinew::cli
