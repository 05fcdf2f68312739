// Logistic regression, P(y = 1 | x) = 1 / (1 + e^-(b0 + b1 x1 + … + bn xn)): whether a tumour is
// malignant, from four measurements of its cells' nuclei (Wisconsin Diagnostic Breast Cancer). One
// Dense(1) with a sigmoid; the test tests/model/regression_test.cpp checks that gradient descent
// ends at Newton's solution.
//
//   logistic_regression [examples/data/wdbc.csv]

#include <sinew/sinew.h>

#include <cstdio>

#include "table.h"

using namespace sinew;
using namespace sinew::layers;

int main(int count, char** arguments) try {
  const std::string path = count > 1 ? arguments[1] : "examples/data/wdbc.csv";
  const data::CsvTable table = data::read_csv(path, {.label = "diagnosis", .skip = {"id"}});
  const std::vector<std::string> names = {"texture_mean", "smoothness_mean", "compactness_mean",
                                          "symmetry_mean"};
  const Tensor x = standardised(table, names);
  const Tensor y = table.y.cast(DType::Float32).reshape({-1, 1});  // 0 benign, 1 malignant

  Sequential model({Dense(1, {.activation = "sigmoid", .input_shape = {4}})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.5, .momentum = 0.9}),
                 .loss = "binary_crossentropy",
                 .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = 1000, .batch_size = x.shape()[0], .verbose = 0});

  const Logs result = model.evaluate(x, y, {.verbose = 0});
  const std::vector<Tensor> weights = model.get_weights();
  std::printf("%-18s %9.5f\n", "b0", weights[1].at(0));
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::printf("%-18s %9.5f\n", names[i].c_str(), weights[0].at(static_cast<std::int64_t>(i)));
  }
  std::printf("accuracy %.4f\n", result["accuracy"]);
} catch (const Error& error) {
  std::fprintf(stderr,
               "%s\nusage: logistic_regression TABLE, with the path of examples/data/wdbc.csv\n",
               error.what());
  return 2;
}
