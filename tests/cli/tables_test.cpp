// Tables: what a saved model remembers of the one it was trained on, and what numbers mean.

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/cli_fixture.h"

namespace sinew {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

class CliTables : public Cli {
 protected:
  /// Rows "a,b,CLASS" of well separated classes.
  static std::string rows(const std::vector<std::string>& classes, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      const std::string& name = classes[static_cast<std::size_t>(i) % classes.size()];
      const double a = name == "cat" ? 3 : name == "dog" ? 0 : -3;
      const double b = name == "cat" ? 0 : name == "dog" ? 3 : -3;
      text += fmt::format("{},{},{}\n", a + 0.01 * (i % 7), b - 0.01 * (i % 5), name);
    }
    return text;
  }
  /// Trains a model on cat, dog and eel.
  void train_three() {
    write("three.csv", "a,b,kind\n" + rows({"cat", "dog", "eel"}, 90));
    const Outcome outcome =
        run("train --model mlp --epochs 20 --batch-size 8 --learning-rate 0.01 --quiet --data " +
            path("three.csv") + " --out " + path("m.safetensors"));
    ASSERT_EQ(outcome.code, 0) << outcome.errors;
  }
  Outcome with_model(const std::string& command, const std::string& data) const {
    return run(command + " --model " + path("m.safetensors") + " --data " + path(data));
  }
};

TEST_F(CliTables, ClassesAreThoseOfTheTraining) {
  train_three();
  write("two.csv", "a,b,kind\n" + rows({"dog", "eel"}, 20));
  const Outcome evaluate = with_model("evaluate --json", "two.csv");
  ASSERT_EQ(evaluate.code, 0) << evaluate.errors;
  EXPECT_EQ(nlohmann::json::parse(evaluate.output)["test_accuracy"], 1.0);
  const Outcome predict = with_model("predict --rows 2", "two.csv");
  EXPECT_THAT(predict.output, AllOf(StartsWith("class,name,output_0,output_1,output_2\n1,dog,"),
                                    HasSubstr("\n2,eel,")));
  write("other.csv", "a,b,kind\n1,1,cat\n1,1,fox\n");
  const Outcome unknown = with_model("evaluate", "other.csv");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.errors, HasSubstr("other.csv: line 3: column 'kind': the class 'fox' is "
                                        "unknown; the model knows cat, dog, eel"));
}

TEST_F(CliTables, PredictTakesTablesWithoutLabels) {
  train_three();
  write("unlabelled.csv", "a,b\n3,0\n0,3\n");
  write("swapped.csv", "id,b,a\nx,0,3\ny,3,0\n");
  write("bare.csv", "3,0\n0,3\n");
  for (const char* name : {"unlabelled.csv", "swapped.csv", "bare.csv"}) {
    const Outcome outcome = with_model("predict", name);
    ASSERT_EQ(outcome.code, 0) << name << outcome.errors;
    EXPECT_THAT(outcome.output, AllOf(HasSubstr("\n0,cat,"), HasSubstr("\n1,dog,"))) << name;
  }
  EXPECT_THAT(with_model("evaluate", "unlabelled.csv").errors,
              HasSubstr("has no column 'kind', the label"));
  write("renamed.csv", "a,c\n3,0\n");
  const Outcome renamed = with_model("predict", "renamed.csv");
  EXPECT_EQ(renamed.code, 2);
  EXPECT_THAT(renamed.errors, HasSubstr("has no column 'b', which the model learned from"));
}

TEST_F(CliTables, NamesAreQuotedWhereTheyMustBe) {
  std::string table = "a,b,k\n";
  for (int i = 0; i < 40; ++i) table += i % 2 ? "1,0,\"yes, sir\"\n" : "0,1,no\n";
  write("comma.csv", table);
  ASSERT_EQ(
      run("train --model mlp --epochs 20 --batch-size 8 --learning-rate 0.01 --quiet --data " +
          path("comma.csv") + " --out " + path("m.safetensors"))
          .code,
      0);
  EXPECT_THAT(with_model("predict --rows 2", "comma.csv").output, HasSubstr("\n1,\"yes, sir\","));
}

TEST_F(CliTables, WholeNumbersAreClassesOrValues) {
  std::string table = "a,b,y\n";
  for (int i = 0; i < 60; ++i)
    table += fmt::format("{},{},{}\n", i % 10, 0.1 * (i % 3), i % 10 + 5);
  write("reg.csv", table);
  const auto train = [&](const std::string& arguments) {
    const Outcome outcome = run("train --quiet --json --data " + path("reg.csv") + " --out " +
                                path("m.safetensors") + " " + arguments);
    EXPECT_EQ(outcome.code, 0) << arguments << outcome.errors;
    return outcome.output;
  };
  const std::string values = "mean_absolute_error";
  EXPECT_THAT(train("--model linear"), HasSubstr(values));
  EXPECT_EQ(with_model("evaluate", "reg.csv").code, 0);
  EXPECT_THAT(with_model("predict --rows 1", "reg.csv").output, StartsWith("output_0\n"));
  EXPECT_THAT(train("--model linear --task classification"), HasSubstr("categorical_accuracy"));
  EXPECT_EQ(with_model("evaluate", "reg.csv").code, 0);
  EXPECT_THAT(train("--model mlp"), HasSubstr("\"accuracy\""));
  EXPECT_EQ(with_model("evaluate", "reg.csv").code, 0);
  EXPECT_THAT(with_model("predict --rows 1", "reg.csv").output, StartsWith("class,name,output_0,"));
  EXPECT_THAT(train("--model mlp --task regression"), HasSubstr(values));
  const Outcome text = run("train --model linear --task regression --data " + path("table.csv"));
  EXPECT_EQ(text.code, 2);
  EXPECT_THAT(text.errors, HasSubstr("column 'class' of"));
}

/// A JSON model of one Dense layer over two columns.
std::string dense(const std::string& config, const std::string& compile_config = "null") {
  return R"({"class_name": "Sequential", "config": {"layers": [{"class_name": "InputLayer",
    "config": {"batch_shape": [null, 2]}}, {"class_name": "Dense", "config": )" +
         config + R"(}]}, "compile_config": )" + compile_config + "}";
}

TEST_F(CliTables, AJsonModelIsTrainedForHowItEnds) {
  const auto train = [&](const std::string& json) {
    write("m.json", json);
    return run("train --quiet --json --epochs 30 --batch-size 8 --learning-rate 0.05 --model " +
               path("m.json") + " --data " + path("table.csv") + " --out " + path("m.safetensors"));
  };
  for (const char* config : {R"({"units": 1, "activation": "sigmoid"})", R"({"units": 1})",
                             R"({"units": 2, "activation": "softmax"})", R"({"units": 2})",
                             R"({"units": 2, "activation": "sigmoid"})"}) {
    const Outcome outcome = train(dense(config));
    ASSERT_EQ(outcome.code, 0) << config << outcome.errors;
    EXPECT_GT(nlohmann::json::parse(outcome.output)["accuracy"], 0.95) << config;
    EXPECT_THAT(
        with_model("predict --rows 2", "table.csv").output,
        AllOf(StartsWith("class,name,output_0"), HasSubstr("\n1,yes,"), HasSubstr("\n0,no,")))
        << config;
  }
  const Outcome own = train(dense(R"({"units": 2})", R"({"optimizer": "sgd", "loss": "mse",
                                  "metrics": ["mae"]})"));
  ASSERT_EQ(own.code, 0) << own.errors;
  EXPECT_TRUE(nlohmann::json::parse(own.output).contains("mae"));
  write("three.csv", "a,b,kind\n" + rows({"cat", "dog", "eel"}, 30));
  write("m.json", dense(R"({"units": 1, "activation": "sigmoid"})"));
  const Outcome few =
      run("train --quiet --model " + path("m.json") + " --data " + path("three.csv"));
  EXPECT_EQ(few.code, 2);
  EXPECT_THAT(few.errors, HasSubstr("ends in 1 number, which tells 2 classes apart, but the data "
                                    "have 3"));
}

}  // namespace
}  // namespace sinew
