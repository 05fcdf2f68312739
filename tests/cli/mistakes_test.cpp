// The user's mistakes, found before the work begins, named, and answered with 2.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/cli_fixture.h"

namespace sinew {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class CliMistakes : public Cli {
 protected:
  void expect_mistake(const std::string& arguments, const std::string& said) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 2) << "sinew " << arguments << "\n" << outcome.errors;
    EXPECT_THAT(outcome.errors, HasSubstr(said)) << "sinew " << arguments;
    EXPECT_EQ(outcome.output, "") << "sinew " << arguments;
  }
  std::string train(const std::string& model = "mlp") const {
    return "train --quiet --model " + model + " --data " + path("table.csv") + " ";
  }
  /// An IDX file of bytes.
  void write_idx(const std::string& name, const std::vector<std::uint8_t>& extents,
                 const std::string& bytes) const {
    std::string text({0, 0, 8, static_cast<char>(extents.size())});
    for (std::uint8_t extent : extents) text += std::string(3, '\0') + static_cast<char>(extent);
    write(name, text + bytes);
  }
  /// A folder of 8 x 8 images with such labels.
  void write_images(const std::string& folder, const std::string& train_labels,
                    const std::string& test_labels) const {
    std::filesystem::create_directories(path(folder));
    const auto part = [&](const std::string& name, const std::string& labels) {
      const auto count = static_cast<std::uint8_t>(labels.size());
      write_idx(folder + "/" + name + "-images-idx3-ubyte", {count, 8, 8},
                std::string(labels.size() * 64, 'x'));
      write_idx(folder + "/" + name + "-labels-idx1-ubyte", {count}, labels);
    };
    part("train", train_labels);
    part("t10k", test_labels);
  }
};

TEST_F(CliMistakes, NamesNearTheUnknownOnes) {
  expect_mistake(train() + "--lerning-rate 0.1",
                 "'--lerning-rate': did you mean '--learning-rate'?");
  expect_mistake(train() + "--epoch=3", "'--epoch': did you mean '--epochs'?");
  expect_mistake("train --modle mlp --data x", "did you mean '--model'?");
  expect_mistake("trian --model mlp", "unknown subcommand 'trian': did you mean 'train'?");
}

TEST_F(CliMistakes, NumbersOutOfRangeAreSaidShortly) {
  for (const char* option : {"--threads", "--batch-size", "--epochs", "--checkpoint-every"}) {
    for (const char* value : {"0", "-2"}) {
      const Outcome outcome = run(train() + option + " " + value);
      EXPECT_EQ(outcome.code, 2);
      EXPECT_THAT(outcome.errors,
                  AllOf(HasSubstr(option), HasSubstr("at least 1"), Not(HasSubstr("000000"))));
    }
  }
  const std::vector<std::array<std::string, 3>> cases = {
      {"--learning-rate", "0 -1 inf nan 1e300 1e400 0.1x", "a number above 0 and at most 1e+06"},
      {"--validation-split", "-0.1 1 nan", "a number of at least 0 and at most 0.999"},
      {"--batch-size", "99999999999999999999 2147483648 0x10 1.5",
       "a whole number of at least 1 and at most 2147483647"},
      {"--epochs", "1.5 1e3 many", "a whole number of at least 1 and at most 2147483647"},
      {"--seed", "-1 99999999999999999999 9223372036854775808",
       "a whole number of at least 0 and at most 9223372036854775807"},
  };
  for (const auto& [option, values, permitted] : cases) {
    std::istringstream words(values);
    for (std::string value; words >> value;) {
      expect_mistake(train() + option + " " + value,
                     option + ": '" + value + "' is given, but it must be " + permitted);
    }
  }
  expect_mistake(train() + "--threads 100000", "threads must be at most");
  write("big.json", R"({"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense",
    "config": {"units": 18446744073709551615}}]}})");
  expect_mistake("summary " + path("big.json"), "'units' is 18446744073709551615");
}

TEST_F(CliMistakes, TasksHaveNames) {
  for (const char* task : {"1", "classificaton"}) {
    expect_mistake(train() + "--task " + task, std::string("--task: unknown task '") + task + "'");
  }
  expect_mistake(train() + "--task classificaton",
                 "did you mean 'classification'? Known: auto, classification, regression");
  expect_mistake("profile mlp --order 1", "--order: unknown order '1'");
}

TEST_F(CliMistakes, NumbersAreDecimal) {
  ASSERT_EQ(run(train() + "--seed 010 --learning-rate 1e-2 --out " + path("a")).code, 0);
  ASSERT_EQ(run(train() + "--seed 10 --learning-rate 0.01 --out " + path("b")).code, 0);
  EXPECT_EQ(read("a"), read("b"));
}

TEST_F(CliMistakes, OutputsAreTriedBeforeTheTraining) {
  std::filesystem::create_directories(path("folder"));
  for (const std::string option : {"--out", "--checkpoint"}) {
    expect_mistake(train() + option + " /proc/absent/x", "/proc/absent/x");
    expect_mistake(train() + option + " " + path("folder"), "is a folder");
    ASSERT_EQ(::mkfifo(path("pipe" + option).c_str(), 0600), 0);
    expect_mistake(train() + option + " " + path("pipe" + option),
                   "is a pipe, which a file would replace; name a file");
  }
  expect_mistake(train() + "--plots /proc/absent/x", "/proc/absent/x: cannot make the folder");
  expect_mistake(train() + "--backup /proc/absent/x", "folder '/proc/absent/x' cannot be made");
  expect_mistake(train() + "--log /proc/absent/x.csv", "'/proc/absent/x.csv' cannot be opened");
  expect_mistake(train() + "--log x.txt", "name a file that ends in .jsonl");
  expect_mistake(train() + "--plots " + path("table.csv"), "table.csv: cannot make the folder");
}

TEST_F(CliMistakes, OutputsThatWouldOverwriteWhatIsRead) {
  const auto refused = [&](const std::string& options, const std::string& message) {
    expect_mistake(train() + options, message);
  };
  const std::string table = path("table.csv"), before = read("table.csv");
  for (const std::string option : {"--out", "--checkpoint", "--profile", "--log"}) {
    refused(option + " " + table, option + " '" + table + "' would overwrite what --data reads");
    refused(option + " " + path("./folder/../table.csv"), "would overwrite what --data reads");
  }
  EXPECT_EQ(read("table.csv"), before);
  refused("--out " + path("m") + " --checkpoint " + path("m"), "--out and --checkpoint are both");
  refused("--out " + path("m") + " --profile " + path("m"), "--out and --profile are both");
  ASSERT_EQ(run(train() + "--checkpoint " + path("c")).code, 0);
  refused("--resume " + path("c") + " --out " + path("c"), "would overwrite what --resume reads");
  ASSERT_EQ(run(train() + "--epochs 2 --resume " + path("c") + " --checkpoint " + path("c")).code,
            0);
  refused("--resume " + path("c"), "has come through 2 epochs and 0 steps: more than the 1");
  std::filesystem::create_directories(path("images"));
  write("images/train-labels-idx1-ubyte", "labels");
  expect_mistake("train --quiet --model mlp --data " + path("images") + " --out " +
                     path("images/train-labels-idx1-ubyte"),
                 "would overwrite what --data reads");
  EXPECT_EQ(read("images/train-labels-idx1-ubyte"), "labels");
}

TEST_F(CliMistakes, SavedModelsWhereOthersAreMeant) {
  ASSERT_EQ(run(train() + "--out " + path("m.keras")).code, 0);
  expect_mistake("train --quiet --model " + path("m.keras") + " --data " + path("table.csv"),
                 "m.keras' is a saved model's file");
  expect_mistake("summary " + path("w.weights.h5"), "w.weights.h5: cannot open: No such file");
  expect_mistake(train() + "--resume " + path("m.keras"), "is a saved model, not a checkpoint");
  for (const std::string name : {"c.keras", "c.weights.h5"}) {
    expect_mistake(train() + "--checkpoint " + path(name), "a checkpoint is a .safetensors file");
  }
}

TEST_F(CliMistakes, FilesThatCannotBe) {
  const std::string long_name(5000, 'x');
  expect_mistake("train --quiet --model mlp --data " + long_name, "File name too long");
  for (const char* name : {"huge.csv", "huge.safetensors"}) {
    write(name, "");
    std::filesystem::resize_file(path(name), std::uintmax_t{1} << 40);
  }
  expect_mistake("train --quiet --model mlp --data " + path("huge.csv"), "is this a table?");
  expect_mistake("summary " + path("huge.safetensors"), "huge.safetensors: ");
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "{\"config\":";
  write("deep.json", deep);
  expect_mistake("summary " + path("deep.json"), "nested more than");
  write("nan.csv", "a,b,y\n1,2,0\n3,4,1\n,6,1\n");
  expect_mistake("train --quiet --model mlp --data " + path("nan.csv"),
                 "nan.csv: line 4: column 'a' holds nan (an empty field?)");
  write("inf.csv", "a,b,y\n1,2,0.5\n3,4,inf\n");
  expect_mistake("train --quiet --model mlp --data " + path("inf.csv"),
                 "inf.csv: line 3: column 'y' holds inf");
}

TEST_F(CliMistakes, StandardOutputThatIsFull) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  ASSERT_EQ(run(train() + "--out " + path("m.safetensors")).code, 0);
  for (const std::string& arguments :
       {train() + "--json", std::string("summary cnn"), std::string("--help"),
        "predict --model " + path("m.safetensors") + " --data " + path("table.csv")}) {
    expect_mistake(arguments + " > /dev/full", "No space left on device");
  }
  // More than the buffer takes: the failure is of an earlier piece.
  expect_mistake("inspect cnn > /dev/full", "is the disk full?");
}

TEST_F(CliMistakes, LabelsOfTheTestPartCountToo) {
  const std::string labels({0, 1, 0, 1, 0, 1, 0, 1});
  write_images("oob", labels, std::string({0, 1, static_cast<char>(5)}));
  for (const char* model : {"lstm", "linear", "mlp"}) {
    const Outcome outcome =
        run(std::string("train --quiet --json --model ") + model + " --data " + path("oob"));
    EXPECT_EQ(outcome.code, 0) << model << outcome.errors;
  }
  // A model of two classes meets a third.
  write_images("two", labels, labels);
  for (const char* model : {"lstm", "linear", "mlp"}) {
    ASSERT_EQ(run(std::string("train --quiet --model ") + model + " --data " + path("two") +
                  " --out " + path("m.safetensors"))
                  .code,
              0);
    expect_mistake("evaluate --model " + path("m.safetensors") + " --data " + path("oob"),
                   "label 5 in row 2 is not an integer in [0, 2)");
  }
}

TEST_F(CliMistakes, WhatWasLearnedIsSavedBeforeTheTestPartCanFail) {
  write_images("odd", std::string({0, 1, 0, 1}), std::string({0, 5}));
  write("two.json", R"({"class_name": "Sequential", "config": {"layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 8, 8]}},
    {"class_name": "Flatten", "config": {}},
    {"class_name": "Dense", "config": {"units": 2, "activation": "softmax"}}]},
    "compile_config": {"optimizer": "adam", "loss": "sparse_categorical_crossentropy"}})");
  expect_mistake("train --quiet --model " + path("two.json") + " --data " + path("odd") +
                     " --out " + path("m.safetensors"),
                 "label 5 in row 1");
  EXPECT_EQ(run("summary " + path("m.safetensors")).code, 0);
}

TEST_F(CliMistakes, EveryDtypePolicyThatIsListedTrains) {
  for (const char* policy : {"bfloat16", "float32", "float64", "mixed_bfloat16"}) {
    const Outcome outcome = run(train() + "--dtype-policy " + policy);
    EXPECT_EQ(outcome.code, 0) << policy << ": " << outcome.errors;
  }
  expect_mistake(train() + "--dtype-policy bfloat17", "did you mean 'bfloat16'?");
}

TEST_F(CliMistakes, DataThatHoldTooLittle) {
  write_images("empty", "", std::string({0, 1}));
  expect_mistake("train --quiet --model cnn --data " + path("empty"),
                 "the training part has no images");
  write("one.csv", "a,b,y\n1,2,x\n3,4,x\n");
  expect_mistake("train --quiet --model logistic --data " + path("one.csv"),
                 "all labels of " + path("one.csv") + " are of one class");
}

TEST_F(CliMistakes, AResumedTrainingKeepsItsLearningRate) {
  const std::string base = train() + "--seed 4 --learning-rate 0.01 ";
  ASSERT_EQ(run(base + "--epochs 1 --checkpoint " + path("c")).code, 0);
  EXPECT_EQ(run(base + "--epochs 2 --resume " + path("c")).code, 0);
  expect_mistake(train() + "--seed 4 --epochs 2 --learning-rate 0.5 --resume " + path("c"),
                 "learning rate 0.01, which goes on with it");
}

TEST_F(CliMistakes, APictureOfAModelWithMoreOutputsThanClasses) {
  write_images("images", std::string({0, 1, 0, 1}), std::string({0, 1}));
  write("wide.json", R"({"class_name": "Sequential", "config": {"layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 8, 8]}},
    {"class_name": "Flatten", "config": {}},
    {"class_name": "Dense", "config": {"units": 5, "activation": "softmax"}}]}})");
  const Outcome outcome = run("train --quiet --json --model " + path("wide.json") + " --data " +
                              path("images") + " --plots " + path("pictures"));
  EXPECT_EQ(outcome.code, 0) << outcome.errors;
  EXPECT_TRUE(std::filesystem::exists(path("pictures/predictions.png")));
}

}  // namespace
}  // namespace sinew
