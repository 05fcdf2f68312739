// The example programs on linear and logistic regression end at the solutions that need no descent.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "model/linear_algebra.h"
#include "paths.h"

namespace sinew {
namespace {

using namespace testing;

const char* const kNames[] = {"b0", "texture_mean", "smoothness_mean", "compactness_mean",
                              "symmetry_mean"};

std::string table_path() { return paths::source() + "/examples/data/wdbc.csv"; }

/// The numbers an example prints behind their names; empty when it was not built.
std::map<std::string, double> printed_by(const std::string& example) {
  const std::string program = paths::build() + "/bin/examples/" + example;
  std::map<std::string, double> numbers;
  if (::access(program.c_str(), X_OK) != 0) return numbers;
  std::FILE* pipe = ::popen((program + " " + table_path()).c_str(), "r");
  char name[64];
  for (double value; std::fscanf(pipe, "%63s %lf", name, &value) == 2;) numbers[name] = value;
  EXPECT_EQ(::pclose(pipe), 0);
  return numbers;
}

void expect_betas(const std::string& example, const std::vector<double>& betas, double tolerance) {
  const auto printed = printed_by(example);
  if (printed.empty()) GTEST_SKIP() << "the examples are not built";
  for (std::size_t i = 0; i < betas.size(); ++i)
    EXPECT_NEAR(printed.at(kNames[i]), betas[i], tolerance) << kNames[i];
}

TEST(Examples, LinearRegressionEndsAtTheClosedForm) {
  const Wdbc table = read_wdbc(table_path());
  std::vector<double> y;
  for (const auto& row : table.features) y.push_back(row[kConcavity]);
  expect_betas("linear_regression",
               weighted_least_squares(design_matrix(table.features, kDistinctColumns), y,
                                      std::vector<double>(y.size(), 1.0)),
               2e-5);
}

TEST(Examples, LogisticRegressionEndsAtNewtonsSolution) {
  const Wdbc table = read_wdbc(table_path());
  expect_betas("logistic_regression",
               newton_logistic(design_matrix(table.features, kDistinctColumns), table.malignant),
               2e-3);
}

TEST(Examples, AFileThatIsNotThereIsSaid) {
  const std::string absent = "/proc/absent/x";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"linear_regression " + absent, "usage: linear_regression TABLE"},
      {"logistic_regression " + absent, "usage: logistic_regression TABLE"},
      {"tutorial_lstm 1 " + absent, absent}};
  for (const auto& [call, said] : cases) {
    const std::string program = paths::build() + "/bin/examples/" + call;
    if (::access(program.substr(0, program.find(' ')).c_str(), X_OK) != 0)
      GTEST_SKIP() << "the examples are not built";
    std::FILE* pipe = ::popen((program + " 2>&1").c_str(), "r");
    std::string output;
    for (int c; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
    const int status = ::pclose(pipe);
    EXPECT_TRUE(WIFEXITED(status)) << call;
    EXPECT_EQ(WEXITSTATUS(status), 2) << call;
    EXPECT_THAT(output, ::testing::AllOf(::testing::HasSubstr(absent), ::testing::HasSubstr(said)));
  }
}

}  // namespace
}  // namespace sinew
