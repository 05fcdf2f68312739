// The trace that fit() writes: valid JSON, spans that nest, the steps of the program.

#include "model/fit_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "model/small_models.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"

namespace sinew {
namespace {

using Json = nlohmann::json;
using sinew::testing::classifier;
using sinew::testing::three_classes;

class FitTraceTest : public ::testing::Test {
 protected:
  FitTraceTest()
      : path_((std::filesystem::temp_directory_path() /
               ("sinew_trace_" + std::to_string(::getpid()) + ".json"))
                  .string()) {}
  ~FitTraceTest() override { std::filesystem::remove(path_); }

  Json traced_fit(Sequential& model, const FitArguments& arguments) {
    const auto data = three_classes(60);
    FitArguments fit = arguments;
    fit.verbose = 0;
    fit.profile = path_;
    model.fit(data.x, data.y, fit);
    return Json::parse(std::ifstream(path_));
  }
  static std::vector<Json> select(const Json& trace, const std::string& category,
                                  const std::string& name = {}) {
    std::vector<Json> list;
    for (const Json& event : trace) {
      if (event.value("cat", "") != category) continue;
      if (event["name"].get<std::string>().starts_with(name)) list.push_back(event);
    }
    return list;
  }

  std::string path_;
};

TEST_F(FitTraceTest, HoldsEveryKernelCallOfTheTracedSteps) {
  Sequential model = classifier();
  const Json trace = traced_fit(model, {.epochs = 2, .batch_size = 10, .validation_split = 0.5});
  const auto steps = select(trace, "fit", "step");
  ASSERT_EQ(steps.size(), 6u - kWarmUpSteps);
  const auto step = model.state()->steps.get(
      *model.state(),
      {model::Mode::Train, {{DType::Float32, {10, 4}}}, {{DType::Int64, {10}}}, {}});
  const runtime::Program& program = step->program();
  const auto kernels = select(trace, "kernel");
  ASSERT_EQ(kernels.size(), steps.size() * program.steps.size());
  for (std::size_t s = 0; s < steps.size(); ++s) {
    double flops = 0;
    for (std::size_t i = 0; i < program.steps.size(); ++i) {
      const Json& kernel = kernels[s * program.steps.size() + i];
      EXPECT_EQ(kernel["name"], program.steps[i].name());
      EXPECT_EQ(kernel["args"]["bytes"], program.steps[i].bytes);
      for (const char* argument : {"gflops", "share", "layer", "operands"})
        EXPECT_TRUE(kernel["args"].contains(argument)) << argument;
      flops += kernel["args"]["flops"].get<double>();
    }
    EXPECT_DOUBLE_EQ(flops, program.flops());
  }
}

TEST_F(FitTraceTest, SpansNestAndFollowEachOther) {
  Sequential model = classifier();
  const Json trace = traced_fit(model, {.epochs = 2, .batch_size = 10, .validation_split = 0.5});
  // Each span lies within the innermost one that is still open when it begins.
  std::vector<double> ends;
  for (const Json& event : trace) {
    if (event["ph"] != "X") continue;
    const double begin = event["ts"], end = begin + event["dur"].get<double>();
    // Microseconds of the file are rounded.
    constexpr double kRounding = 1e-3;
    while (!ends.empty() && ends.back() <= begin + kRounding) ends.pop_back();
    if (!ends.empty()) {
      EXPECT_LE(end, ends.back() + kRounding) << event.dump();
    }
    ends.push_back(end);
  }
  EXPECT_EQ(select(trace, "fit", "epoch").size(), 2u);
  EXPECT_EQ(select(trace, "fit", "validation").size(), 2u);
  EXPECT_GE(select(trace, "fit", "wait for data").size(), 4u);
  EXPECT_GE(select(trace, "fit", "callbacks").size(), 4u);
}

TEST_F(FitTraceTest, IsBoundedAndChangesNoResult) {
  Sequential traced = classifier();
  const Json trace = traced_fit(traced, {.epochs = 2, .batch_size = 1, .seed = 4});
  EXPECT_EQ(select(trace, "fit", "step").size(), static_cast<std::size_t>(kTracedSteps));
  EXPECT_EQ(select(trace, "fit", "epoch").size(), 2u);
  Sequential plain = classifier();
  const auto data = three_classes(60);
  plain.fit(data.x, data.y, {.epochs = 2, .batch_size = 1, .verbose = 0, .seed = 4});
  for (std::size_t i = 0; i < plain.get_weights().size(); ++i) {
    EXPECT_TRUE(sinew::testing::same_bits(plain.get_weights()[i], traced.get_weights()[i])) << i;
  }
}

TEST_F(FitTraceTest, APathThatCannotBeWrittenIsRefusedBeforeTheFirstStep) {
  Sequential model = classifier();
  const auto data = three_classes(60);
  for (const std::string path : {"/proc/absent/trace.json", "/absent/trace.json"}) {
    try {
      model.fit(data.x, data.y, {.verbose = 0, .profile = path});
      ADD_FAILURE() << path;
    } catch (const FileError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(path));
    }
  }
  EXPECT_EQ(model.iterations(), 0);
  EXPECT_THROW(io::check_writable(std::filesystem::temp_directory_path().string()), FileError);
}

TEST_F(FitTraceTest, ATrainingThatFailsLeavesTheOldFile) {
  io::write_file(path_, "old");
  Sequential model = classifier();
  const auto data = three_classes(60);
  struct Failing : Callback {
    void on_epoch_end(int, const Logs&) override { throw ValueError("stop"); }
  };
  EXPECT_THROW(
      model.fit(data.x, data.y, {.verbose = 0, .callbacks = {Failing()}, .profile = path_}),
      ValueError);
  const auto bytes = io::read_file(path_);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "old");
}

}  // namespace
}  // namespace sinew
