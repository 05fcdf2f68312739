// `sinew profile` as a user runs it.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/cli_fixture.h"

namespace sinew {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using Json = nlohmann::json;

TEST_F(Cli, ProfileTellsOfEveryStepKernelAndLayer) {
  const Outcome result = run("profile mlp --batch-size 4 --runs 3");
  ASSERT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("mlp, training step, batch 4:"), HasSubstr("GFLOP/s"),
                    HasSubstr("floor ms"), HasSubstr("matmul"), HasSubstr("Dense \"dense\""),
                    HasSubstr("gaps between them"), HasSubstr("of the FMA peak")));
}

TEST_F(Cli, ProfileAsJsonAddsUp) {
  const Outcome result =
      run("profile logistic --data " + path("table.csv") +
          " --mode predict --batch-size 8 --runs 3 --json --trace " + path("trace.json"));
  ASSERT_EQ(result.code, 0) << result.errors;
  const Json json = Json::parse(result.output);
  EXPECT_EQ(json["mode"], "prediction, batch 8");
  double flops = 0, milliseconds = 0;
  for (const Json& step : json["steps"]) {
    flops += step["flops"].get<double>();
    milliseconds += step["ms"].get<double>();
    EXPECT_TRUE(step["bound"] == "compute" || step["bound"] == "memory");
  }
  // 8 rows of 2 features to 2 classes with their bias, then a softmax.
  EXPECT_EQ(flops, 8 * 2 * (2 * 2 + 1) + 5 * 8 * 2);
  EXPECT_EQ(json["flops"], flops);
  EXPECT_NEAR(json["kernels_ms"], milliseconds, 1e-9 + 1e-6 * milliseconds);
  for (const char* groups : {"by_kernel", "by_layer"}) {
    std::size_t calls = 0;
    for (const Json& group : json[groups]) calls += group["calls"].get<std::size_t>();
    EXPECT_EQ(calls, json["steps"].size()) << groups;
  }
  const Json trace = Json::parse(read("trace.json"));
  EXPECT_EQ(trace.size(), 1 + 3 * json["steps"].size());
}

TEST_F(Cli, ProfileOfASavedModelAsMarkdown) {
  ASSERT_EQ(run("train --model mlp --data " + path("table.csv") + " --quiet --out " +
                path("m.safetensors"))
                .code,
            0);
  const Outcome result = run("profile " + path("m.safetensors") + " --runs 2 --markdown");
  ASSERT_EQ(result.code, 0) << result.errors;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("| kernel and operands | calls |"), HasSubstr("| matmul/")));
}

TEST_F(Cli, BenchShowsHowAStepScales) {
  const Outcome result = run("bench tutorial-cnn-predict-b1 --threads 1,2 --json");
  ASSERT_EQ(result.code, 0) << result.errors;
  const Json row = Json::parse(result.output).at(0);
  for (const char* key : {"name", "ms", "gflops", "peak_share", "floor_ms"})
    EXPECT_TRUE(row.contains(key)) << key;
  EXPECT_EQ(row["ms_by_threads"]["2"], row["ms"]) << "the last is what the rest tells of";
  EXPECT_DOUBLE_EQ(row["scaling"],
                   row["ms_by_threads"]["1"].get<double>() / row["ms"].get<double>());
  EXPECT_FALSE(Json::parse(run("bench tutorial-cnn-predict-b1 --threads 2 --json").output)
                   .at(0)
                   .contains("scaling"));
}

TEST_F(Cli, TrainWritesATrace) {
  const Outcome result = run("train --model mlp --quiet --data " + path("table.csv") +
                             " --batch-size 8 --profile " + path("trace.json"));
  ASSERT_EQ(result.code, 0) << result.errors;
  EXPECT_GT(Json::parse(read("trace.json")).size(), 10u);
}

TEST_F(Cli, ProfileRefusesWhatItDoesNotKnow) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"profile cnnn", "did you mean 'cnn'"},
      {"profile tutorial-cnn-train-b23", "did you mean 'tutorial-cnn-train-b32'"},
      {"profile tutorial-cnn-train-b32 --batch-size 8", "are for models"},
      {"profile mlp --trace /absent/t.json", "/absent/t.json"},
      {"profile mlp --mode sideways", "mode"},
      {"profile absent.safetensors", "absent.safetensors"},
      {"profile mlp --batch-size 100 --data " + path("table.csv"), "60 rows"},
      {"train --model mlp --quiet --profile /absent/t.json --data " + path("table.csv"),
       "/absent/t.json"},
  };
  for (const auto& [arguments, said] : cases) {
    const Outcome result = run(arguments);
    EXPECT_EQ(result.code, 2) << "sinew " << arguments << "\n" << result.errors;
    EXPECT_THAT(result.errors + result.output, HasSubstr(said)) << "sinew " << arguments;
  }
}

}  // namespace
}  // namespace sinew
