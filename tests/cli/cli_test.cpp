// The program as a user runs it: exit codes, messages, JSON, files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/cli_fixture.h"

namespace sinew {
namespace {

using testing::HasSubstr;

TEST_F(Cli, TrainsEvaluatesAndPredicts) {
  const Outcome train =
      run("train --model logistic --data " + path("table.csv") +
          " --epochs 30 --batch-size 8 --learning-rate 0.05" + " --validation-split 0.2 --out " +
          path("m.safetensors") + " --json --seed 3");
  ASSERT_EQ(train.code, 0) << train.errors;
  const auto json = nlohmann::json::parse(train.output);
  EXPECT_EQ(json["epochs"], 30);
  EXPECT_EQ(json["steps"], 30 * 6);
  EXPECT_EQ(json["parameters"], 6);
  EXPECT_GT(json["accuracy"], 0.95);
  EXPECT_GT(json["seconds"], 0);
  EXPECT_GT(json["peak_mb"], 1);
  const Outcome evaluate =
      run("evaluate --model " + path("m.safetensors") + " --data " + path("table.csv") + " --json");
  ASSERT_EQ(evaluate.code, 0) << evaluate.errors;
  EXPECT_GT(nlohmann::json::parse(evaluate.output)["test_accuracy"], 0.95);
  const Outcome predict = run("predict --model " + path("m.safetensors") + " --data " +
                              path("table.csv") + " --rows 2");
  ASSERT_EQ(predict.code, 0) << predict.errors;
  EXPECT_THAT(predict.output, testing::StartsWith("class,name,output_0,output_1\n1,yes,"));
}

TEST_F(Cli, KerassFileServesAsWell) {
  const std::string data = " --data " + path("table.csv");
  for (const char* name : {"m.keras", "m.safetensors"}) {
    const Outcome train =
        run("train --model logistic --epochs 3 --seed 3 --quiet" + data + " --out " + path(name));
    ASSERT_EQ(train.code, 0) << train.errors;
  }
  EXPECT_EQ(read("m.keras").substr(0, 4), "PK\3\4");
  for (const std::string command : {"evaluate", "predict"}) {
    const Outcome keras = run(command + " --model " + path("m.keras") + data);
    EXPECT_EQ(keras.code, 0) << keras.errors;
    EXPECT_EQ(keras.output, run(command + " --model " + path("m.safetensors") + data).output);
  }
  EXPECT_THAT(run("summary " + path("m.keras")).output, HasSubstr("Trainable params: 6 "));
  const Outcome h5 = run("train --model logistic --quiet" + data + " --out " + path("m.h5"));
  EXPECT_EQ(h5.code, 2);
  EXPECT_THAT(h5.errors, HasSubstr("is saved as .keras"));
}

TEST_F(Cli, SameSeedGivesTheSameFileAndResumeToo) {
  const std::string base =
      "train --model mlp --data " + path("table.csv") + " --batch-size 8 --quiet --seed 5 ";
  ASSERT_EQ(run(base + "--epochs 3 --threads 1 --out " + path("a.safetensors")).code, 0);
  ASSERT_EQ(run(base + "--epochs 3 --threads 2 --out " + path("b.safetensors")).code, 0);
  EXPECT_EQ(read("a.safetensors"), read("b.safetensors")) << "threads change the bits";
  // 8 steps an epoch: the last checkpoint of the first run lies in mid-epoch.
  ASSERT_EQ(run(base + "--epochs 2 --checkpoint-every 5 --checkpoint " + path("c")).code, 0);
  ASSERT_EQ(run(base + "--epochs 3 --resume " + path("c") + " --out " + path("d.safetensors")).code,
            0);
  EXPECT_EQ(read("a.safetensors"), read("d.safetensors")) << "a resumed run ends in other bits";
}

TEST_F(Cli, TrainsAModelFromJson) {
  write("model.json", R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "dtype": "float32", "name": "input"}},
    {"class_name": "Dense", "config": {"units": 4, "activation": "tanh", "kernel_initializer":
      {"class_name": "HeNormal", "config": {"seed": null}}}},
    {"class_name": "Dense", "config": {"units": 2, "activation": "softmax"}}]}})");
  const Outcome train = run("train --model " + path("model.json") + " --data " + path("table.csv") +
                            " --epochs 20 --json --quiet");
  ASSERT_EQ(train.code, 0) << train.errors;
  EXPECT_EQ(nlohmann::json::parse(train.output)["parameters"], 3 * 4 + 5 * 2);
}

TEST_F(Cli, SummaryAndInspectShowTheModel) {
  const Outcome summary = run("summary cnn");
  EXPECT_EQ(summary.code, 0);
  EXPECT_THAT(summary.output,
              testing::AllOf(HasSubstr("(None, 26, 26, 32)"), HasSubstr("225,034")));
  EXPECT_THAT(run("summary resnet20").output,
              testing::AllOf(HasSubstr("(None, 8, 8, 64)"), HasSubstr("273,066")));
  // Published networks as they are before they are compiled.
  for (const auto& [network, parameters] : std::vector<std::pair<std::string, std::string>>{
           {"lenet5", "61,706"},
           {"alexnet", "60,965,224"},
           {"vgg16", "138,357,544"},
           {"resnet50", "25,636,712"},
           {"mobilenet_v2", "3,538,984"},
           {"bert_base", "109,482,240"},
           {"gpt2", "124,439,808"}}) {
    EXPECT_THAT(run("summary " + network).output, HasSubstr(" Total params: " + parameters + " ("));
  }
  for (const char* network :
       {"unet", "vae", "gan", "lstm_language_model", "seq2seq", "transformer_base"})
    EXPECT_EQ(run(std::string("summary ") + network).code, 0) << network;
  const Outcome inspect = run("inspect mlp --batch-size 8");
  EXPECT_EQ(inspect.code, 0);
  for (const char* pass : {"simplify", "fuse", "layout", "schedule", "plan_memory", "arena"}) {
    EXPECT_THAT(inspect.output, HasSubstr(pass));
  }
}

TEST_F(Cli, TheUsersMistakesExitWithTwo) {
  write("bad.csv", "1,2,0\n3,x,1\n");
  write(
      "bad.json",
      R"({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dens", "config": {"units": 2}}]}})");
  write("bad.safetensors", "not a model");
  write("nan.csv", "a,b,y\n1,2,0\n,4,1\n");
  const std::string data = " --data " + path("table.csv");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "subcommand"},
      {"train --model cnn", "--data"},
      {"train --model cnnn" + data, "cnn"},
      {"train --model cnn" + data, "needs images"},
      {"train --model lstm" + data, "steps, features"},
      {"train --model mlp --data " + path("absent"), "absent"},
      {"train --model mlp --data " + path("bad.csv"), "line 2"},
      {"train --model mlp --data " + path("nan.csv"), "line 3"},
      {"train --model mlp --epochs -3" + data, "epochs"},
      {"train --model mlp --epochs 1" + data + " --label colour", "colour"},
      {"train --model " + path("bad.json") + data, "Dense"},
      {"train --model mlp --quiet" + data + " --out /proc/absent/m.safetensors", "/proc/absent"},
      {"evaluate --model " + path("bad.safetensors") + data, "bad.safetensors"},
      {"summary cnnn", "cnn"},
      {"summary gpt3", "did you mean 'gpt2'?"},
      {"train --model gpt2" + data, "`sinew summary gpt2`"},
      {"train --model vgg16 --data fashion-mnist", "at least 32 x 32 cells"},
      {"bench no-such-benchmark", "tutorial-cnn"},
  };
  for (const auto& [arguments, said] : cases) {
    const Outcome result = run(arguments);
    EXPECT_EQ(result.code, 2) << "sinew " << arguments << "\n" << result.errors;
    EXPECT_THAT(result.errors + result.output, HasSubstr(said)) << "sinew " << arguments;
  }
}

TEST_F(Cli, ResidentMemoryIsWhatThePlanAnnounces) {
  if (kSanitized) GTEST_SKIP() << "sanitizers take memory of their own";
  const Outcome train = run("train --model mlp --data fashion-mnist --epochs 1 --json");
  if (train.code == 2) GTEST_SKIP() << train.errors;
  ASSERT_EQ(train.code, 0) << train.errors;
  EXPECT_THAT(train.errors, HasSubstr("Memory plan: "));
  const auto json = nlohmann::json::parse(train.output);
  EXPECT_GE(json["peak_mb"].get<double>(), 0.9 * json["planned_mb"].get<double>());
  EXPECT_LE(json["peak_mb"].get<double>(), 1.1 * json["planned_mb"].get<double>());
}

}  // namespace
}  // namespace sinew
