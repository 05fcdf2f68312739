// Optimizers and schedules against what Keras computed: tests/nn/optimizers_keras.json, which
// optimizers_keras.py writes.

#include <fstream>

#include "io/json.h"
#include "model/compile_json.h"
#include "nn/keras_record.h"
#include "paths.h"
#include "sinew/nn/optimizers.h"

namespace sinew {
namespace {

using model::Json;

const Json& record() {
  static const Json json =
      Json::parse(std::ifstream(paths::source() + "/tests/nn/optimizers_keras.json"));
  return json;
}

Shape shape_of(const Json& json) { return Shape(json["shape"].get<std::vector<std::int64_t>>()); }

OptimizerPtr optimizer_of(const Json& description) {
  return model::compile_from_json({{"optimizer", description}, {"loss", "mse"}}, {}, "record")
      .optimizer;
}

Json description_of(const OptimizerPtr& optimizer) {
  return model::compile_to_json({.optimizer = optimizer}, 1)["optimizer"];
}

/// Weights that follow the record's gradients.
struct Training {
  OptimizerPtr optimizer;
  DType dtype;
  std::vector<VariablePtr> weights;
  std::unique_ptr<runtime::Executable> executable;

  Training(const Json& run, DType type) : optimizer(optimizer_of(run["optimizer"])), dtype(type) {
    Graph graph;
    CallContext context{.graph = graph, .training = true};
    std::vector<Value> gradients;
    for (const Json& weight : record()["weights"]) {
      const auto i = static_cast<double>(weights.size());
      Tensor value = wave(shape_of(weight), 1 + i);
      for (double& number : value.data<double>()) number *= 0.5;
      weights.push_back(
          std::make_shared<Variable>(weight["name"].get<std::string>(), value.cast(type), true));
      gradients.push_back(graph.input("g" + std::to_string(weights.size()), type, value.shape()));
    }
    if (run.contains("exclude"))
      optimizer->exclude_from_weight_decay({}, run["exclude"].get<std::vector<std::string>>());
    optimizer->apply(context, weights, gradients);
    executable = compiler::compile(std::move(graph));
  }

  void step(int number, double factor) {
    std::vector<Tensor> gradients;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      Tensor gradient = wave(weights[i]->shape(), 3 * number + static_cast<double>(i));
      for (double& value : gradient.data<double>()) value *= factor;
      gradients.push_back(gradient.cast(dtype));
    }
    executable->run(gradients);
  }

  void expect_weights(const Json& expected, double tolerance, const char* when) const {
    std::size_t at = 0;
    for (const VariablePtr& weight : weights) {
      const Tensor value = weight->value();
      for (std::int64_t i = 0; i < value.numel(); ++i, ++at) {
        const double wanted = expected[at].get<double>();
        ASSERT_NEAR(value.at(i), wanted, tolerance * std::max(1.0, std::abs(wanted)))
            << when << ": number " << i << " of " << weight->name();
      }
    }
    ASSERT_EQ(at, expected.size());
  }

  void expect_variables(const Json& expected, double tolerance) const {
    const std::vector<VariablePtr> found = optimizer->variables();
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i]->shape(), shape_of(expected[i])) << found[i]->name();
      const Tensor weights_of_sum = wave(found[i]->shape(), 12);
      double sum = 0;
      for (std::int64_t k = 0; k < weights_of_sum.numel(); ++k)
        sum += found[i]->value().at(k) * weights_of_sum.at(k);
      const double wanted = expected[i]["value"].get<double>();
      ASSERT_NEAR(sum, wanted, 5 * tolerance * std::max(1.0, std::abs(wanted)))
          << found[i]->name() << " for " << expected[i]["name"];
    }
  }
};

void expect_as_recorded(const Json& run, DType dtype, double tolerance) {
  Training training(run, dtype);
  const double factor = run.value("gradient_factor", 1.0);
  for (int step = 1; step <= record()["steps"].get<int>(); ++step) {
    const bool infinite = step == run.value("infinite_at", 0);
    training.step(step, infinite ? std::numeric_limits<double>::infinity() : factor);
    if (step == 1) training.expect_weights(run["after_1"], tolerance, "after a step");
    if (testing::Test::HasFatalFailure()) return;
  }
  training.expect_weights(run["after_all"], tolerance, "after all steps");
  if (testing::Test::HasFatalFailure()) return;
  training.expect_variables(run["variables"], tolerance);
  EXPECT_NEAR(training.optimizer->learning_rate(), run["learning_rate"].get<double>(), 1e-7);
  if (run["finalized"].is_null()) return;
  training.optimizer->finalize_variable_values();
  training.expect_weights(run["finalized"], tolerance, "finalized");
}

/// Without what stands for None, how Keras finds classes, and the difference between a float32 and
/// a float64.
Json comparable(const Json& json) {
  if (json.is_number_float()) return std::round(json.get<double>() * 1e6) / 1e6;
  if (!json.is_object()) return json;
  std::map<std::string, Json> result;
  for (const auto& [key, value] : json.items()) {
    if (!value.is_null() && key != "module" && key != "registered_name")
      result[key] = comparable(value);
  }
  return result;
}

std::string title(const Json& run) { return run["optimizer"].dump(); }

TEST(OptimizersAsKeras, InFloat64) {
  for (const Json& run : record()["cases"]) {
    SCOPED_TRACE(title(run));
    expect_as_recorded(run, DType::Float64, 1e-10);
  }
}

TEST(OptimizersAsKeras, InFloat32) {
  for (const Json& run : record()["cases"]) {
    SCOPED_TRACE(title(run));
    expect_as_recorded(run, DType::Float32, 2e-5);
  }
}

TEST(OptimizersAsKeras, EachIsRecorded) {
  std::set<std::string> recorded;
  for (const Json& run : record()["cases"])
    recorded.insert(Identifier{run["optimizer"]["class_name"].get<std::string>()}.key());
  for (const std::string& name : optimizer_names()) EXPECT_TRUE(recorded.contains(name)) << name;
}

TEST(OptimizersAsKeras, ConfigsAreKeras) {
  for (const Json& run : record()["cases"]) {
    const OptimizerPtr optimizer = optimizer_of(run["optimizer"]);
    const Json written = description_of(optimizer);
    EXPECT_EQ(comparable(written), comparable(run["optimizer"]));
    EXPECT_EQ(description_of(optimizer_of(written)), written);
    EXPECT_EQ(OptimizerPtr(optimizer->identifier())->config(), optimizer->config());
  }
}

TEST(OptimizersAsKeras, DefaultsAreKeras) {
  for (const Json& run : record()["cases"]) {
    const std::string name = run["optimizer"]["class_name"].get<std::string>();
    if (name == "LossScaleOptimizer") continue;
    Json with_defaults = run["optimizer"];
    // The first case of each has but a learning rate of its own.
    static std::set<std::string> seen;
    if (!seen.insert(name).second) continue;
    Json mine = description_of(OptimizerPtr(name));
    for (Json* json : {&mine, &with_defaults}) (*json)["config"].erase("learning_rate");
    EXPECT_EQ(comparable(mine), comparable(with_defaults));
  }
}

TEST(OptimizersAsKeras, VariablesAreNamedAsKeras) {
  for (const Json& run : record()["cases"]) {
    const Training training(run, DType::Float32);
    const std::vector<VariablePtr> found = training.optimizer->variables();
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string name = run["variables"][i]["name"].get<std::string>();
      // Keras has no path for Nadam's product, and none of their own for Adafactor's factors.
      const std::string begin = found[i]->name().substr(0, found[i]->name().find('/'));
      if (begin == "nadam" && name == "variable") continue;
      if (begin == "adafactor" && !name.ends_with("velocity") && i >= 1) continue;
      EXPECT_EQ(found[i]->name(), name) << title(run);
    }
  }
}

TEST(SchedulesAsKeras, RatesAndConfigs) {
  for (const Json& entry : record()["schedules"]) {
    SCOPED_TRACE(entry["schedule"].dump());
    const std::string identifier = model::identifier_of(entry["schedule"], "record");
    const SchedulePtr schedule(identifier);
    for (std::size_t i = 0; i < entry["rates"].size(); ++i) {
      const auto step = record()["rates_at"][i].get<std::int64_t>();
      EXPECT_NEAR(schedule->at(step), entry["rates"][i].get<double>(), 1e-7) << "step " << step;
    }
    EXPECT_EQ(SchedulePtr(schedule->identifier())->config(), schedule->config());
    const Json written = description_of(optimizers::SGD({.learning_rate = schedule}));
    EXPECT_EQ(comparable(written["config"]["learning_rate"]), comparable(entry["schedule"]));
    EXPECT_EQ(written["config"]["learning_rate"]["module"], "keras.optimizers.schedules");
  }
}

}  // namespace
}  // namespace sinew
