#include <gtest/gtest.h>

#include "model/linear_algebra.h"
#include "model/small_models.h"
#include "paths.h"

namespace sinew {
namespace {

using namespace testing;

const Wdbc& table() {
  static const Wdbc data = read_wdbc(paths::source() + "/examples/data/wdbc.csv");
  return data;
}

Tensor features_of(const Matrix& design) {
  const auto columns = static_cast<std::int64_t>(design[0].size()) - 1;
  std::vector<double> values;
  for (const auto& row : design) values.insert(values.end(), row.begin() + 1, row.end());
  return Tensor::from(values, {static_cast<std::int64_t>(design.size()), columns});
}

Tensor column(const std::vector<double>& values) {
  return Tensor::from(values, {static_cast<std::int64_t>(values.size()), 1});
}

/// Full-batch gradient descent in float64 on one Dense(1): beta_0 is the bias, the others the
/// kernel.
std::vector<double> descend(const Matrix& design, const std::vector<double>& y,
                            const char* activation, const char* loss, double learning_rate,
                            int epochs) {
  set_random_seed(2);
  Sequential model(
      {layers::Dense(1, {.activation = activation,
                         .input_shape = {static_cast<std::int64_t>(kDistinctColumns.size())},
                         .dtype = DType::Float64})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = learning_rate, .momentum = 0.9}),
                 .loss = loss});
  const auto rows = static_cast<std::int64_t>(y.size());
  model.fit(features_of(design), column(y),
            {.epochs = epochs, .batch_size = rows, .verbose = 0, .shuffle = false});
  const std::vector<Tensor> weights = model.get_weights();
  std::vector<double> beta = {weights[1].at(0)};
  for (std::int64_t i = 0; i < weights[0].numel(); ++i) beta.push_back(weights[0].at(i));
  return beta;
}

// The tutorial, section 1.3.2: y = beta_0 + beta_1 x_1 + … + beta_n x_n + epsilon. The betas that
// make the sum of epsilon^2 smallest solve the normal equations X^T X beta = X^T y.
TEST(LinearRegression, GradientDescentFindsTheClosedForm) {
  ASSERT_EQ(table().features.size(), 569u);
  const Matrix design = design_matrix(table().features, kDistinctColumns);
  std::vector<double> y;
  for (const auto& row : table().features) y.push_back(10 * row[kConcavity]);
  const std::vector<double> expected =
      weighted_least_squares(design, y, std::vector<double>(y.size(), 1.0));
  const std::vector<double> found = descend(design, y, "linear", "mse", 0.1, 600);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(found[i], expected[i], 1e-6) << "beta_" << i;
}

// The tutorial, section 1.3.2: P(y=1|x) = 1 / (1 + e^-(beta_0 + beta_1 x_1 + … + beta_n x_n)).
TEST(LogisticRegression, GradientDescentFindsNewtonsSolution) {
  const Matrix design = design_matrix(table().features, kDistinctColumns);
  const std::vector<double>& y = table().malignant;
  const std::vector<double> beta = newton_logistic(design, y);
  const std::vector<double> found = descend(design, y, "sigmoid", "binary_crossentropy", 0.5, 3000);
  for (std::size_t i = 0; i < beta.size(); ++i)
    EXPECT_NEAR(found[i], beta[i], 1e-5) << "beta_" << i;
}

}  // namespace
}  // namespace sinew
