#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "model/small_models.h"
#include "nn/undrawn_weights.h"
#include "sinew/base/error.h"
#include "sinew/base/philox.h"
#include "sinew/model/model.h"
#include "sinew/nn/session.h"

namespace sinew::testing {

/// Parameters of a network whose weights nobody draws.
inline std::int64_t count_of(const std::function<Model()>& make) {
  const UndrawnWeights undrawn;
  return make().count_params();
}

/// The network comes back from its config: the same layers and weights under the same names.
inline void expect_round_trip(const Model& model) {
  const UndrawnWeights undrawn;
  const Model again = model_from_json(model.to_json());
  EXPECT_EQ(again.to_json(), model.to_json());
  const auto weights = model.weights(), others = again.weights();
  ASSERT_EQ(weights.size(), others.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    EXPECT_EQ(weights[i]->name(), others[i]->name());
    EXPECT_EQ(weights[i]->shape(), others[i]->shape());
  }
}

/// Images of uniform noise, a class brighter in one half than in the other.
struct Images {
  Tensor x;
  Tensor y;
};
inline Images two_kinds_of_images(const Shape& shape, std::int64_t count) {
  Images images{Tensor(shape.prepend(count)), Tensor({count}, DType::Int64)};
  PhiloxStream noise(5, 0);
  const std::int64_t cells = shape.numel();
  const std::span<float> x = images.x.data<float>();
  for (std::int64_t i = 0; i < count * cells; ++i) {
    const bool upper = i % cells < cells / 2, first = i / cells % 2 == 0;
    x[static_cast<std::size_t>(i)] =
        static_cast<float>(noise.uniform() * 0.4 + (upper == first ? 0.6 : 0.0));
  }
  for (std::int64_t i = 0; i < count; ++i)
    images.y.data<std::int64_t>()[static_cast<std::size_t>(i)] = i % 2;
  return images;
}

/// The loss before training, and after `steps` steps on one batch, in inference.
struct Losses {
  double before;
  double after;
};
inline Losses train_on_one_batch(Model& model, const TensorList& x, const TensorList& y,
                                 int steps) {
  const auto loss = [&] {
    model.reset_metrics();
    return model.test_on_batch(x, y)["loss"];
  };
  Losses losses{loss(), 0};
  for (int step = 0; step < steps; ++step) model.train_on_batch(x, y);
  losses.after = loss();
  return losses;
}

/// Tokens that follow a rule: each is the one before it plus 1, modulo `vocabulary`, from `least`
/// on.
inline Tensor counting_tokens(std::int64_t rows, std::int64_t steps, std::int64_t vocabulary,
                              std::int64_t first = 0, std::int64_t least = 0) {
  Tensor tokens({rows, steps}, DType::Int64);
  for (std::int64_t i = 0; i < rows * steps; ++i) {
    const std::int64_t number = i / steps * 3 + i % steps + first;
    tokens.data<std::int64_t>()[static_cast<std::size_t>(i)] =
        least + number % (vocabulary - least);
  }
  return tokens;
}

}  // namespace sinew::testing
