#pragma once

#include <memory>
#include <vector>

#include "model/step.h"
#include "sinew/model/model.h"

namespace sinew::cli {

/// A model's compiled step with one batch of data: what bench, profile and the tuner run.
struct PreparedStep {
  Model model;
  model::StepKey key;
  std::shared_ptr<model::Step> step;
  /// In the order of the program's inputs.
  std::vector<Tensor> batch;

  void run() const { step->run(batch); }
};

/// Compiles the step of one batch, checked as fit() and predict() check it; `y` is not used by
/// Mode::Predict.
PreparedStep prepare_step(Model model, model::Mode mode, const TensorList& x, const TensorList& y);
/// The same for a batch of made-up numbers in the shapes that the model takes: inputs in [0, 1),
/// class numbers where its loss wants them.
PreparedStep prepare_step(Model model, model::Mode mode, std::int64_t batch_size);

/// Numbers in [0, 1), or 0 and 1 for integers and booleans; the same for the same shape and `key`.
Tensor made_up(const Shape& shape, DType dtype = DType::Float32, std::uint64_t key = 0);
/// Class numbers below `classes`.
Tensor made_up_labels(std::int64_t rows, std::int64_t classes);

}  // namespace sinew::cli
