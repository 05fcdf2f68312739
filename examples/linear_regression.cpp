// Linear regression, y = b0 + b1 x1 + … + bn xn + e: how concave the contours of cell nuclei are,
// from four other measurements (Wisconsin Diagnostic Breast Cancer). One Dense(1) without
// activation, trained by gradient descent on all rows at once, so it ends at the least-squares
// solution; tests/model/regression_test.cpp checks that against the normal equations.
//
//   linear_regression [examples/data/wdbc.csv]

#include <sinew/sinew.h>

#include <cstdio>

#include "table.h"

using namespace sinew;
using namespace sinew::layers;

int main(int count, char** arguments) try {
  const std::string path = count > 1 ? arguments[1] : "examples/data/wdbc.csv";
  const data::CsvTable table =
      data::read_csv(path, {.label = "concavity_mean", .skip = {"id", "diagnosis"}});
  const std::vector<std::string> names = {"texture_mean", "smoothness_mean", "compactness_mean",
                                          "symmetry_mean"};
  const Tensor x = standardised(table, names);

  Sequential model({Dense(1, {.input_shape = {4}})});
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1, .momentum = 0.9}),
                 .loss = "mean_squared_error",
                 .metrics = {"mean_absolute_error"}});
  model.fit(x, table.y, {.epochs = 400, .batch_size = x.shape()[0], .verbose = 0});

  const Logs result = model.evaluate(x, table.y, {.verbose = 0});
  const std::vector<Tensor> weights = model.get_weights();
  std::printf("%-18s %9.5f\n", "b0", weights[1].at(0));
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::printf("%-18s %9.5f\n", names[i].c_str(), weights[0].at(static_cast<std::int64_t>(i)));
  }
  std::printf("mean absolute error %.5f\n", result["mean_absolute_error"]);
} catch (const Error& error) {
  std::fprintf(stderr,
               "%s\nusage: linear_regression TABLE, with the path of examples/data/wdbc.csv\n",
               error.what());
  return 2;
}
