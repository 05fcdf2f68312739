#include "sinew/nn/optimizers.h"

#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

using Numbers = std::vector<double>;

/// Gradients of the steps, made up: two weights of two and one numbers.
const std::vector<std::vector<Numbers>> kGradients = {
    {{0.5, -2.0}, {3.0}}, {{-0.1, 0.7}, {0.0}}, {{1.5, 1e-3}, {-4.0}}, {{0.0, -0.3}, {2.5}}};
const std::vector<Numbers> kWeights = {{1.0, -0.5}, {0.25}};

/// Weights after each step, as the optimizer computes them in Float64 variables.
std::vector<std::vector<Numbers>> run(const OptimizerPtr& optimizer, DType dtype) {
  std::vector<VariablePtr> weights = {
      std::make_shared<Variable>("dense/kernel", f64(kWeights[0], {2}).cast(dtype), true),
      std::make_shared<Variable>("dense/bias", f64(kWeights[1], {1}).cast(dtype), true)};
  Graph graph;
  CallContext context{.graph = graph, .training = true};
  optimizer->apply(context, weights,
                   {graph.input("g0", dtype, {2}), graph.input("g1", dtype, {1})});
  const auto executable = compiler::compile(std::move(graph));
  std::vector<std::vector<Numbers>> history;
  for (const auto& gradients : kGradients) {
    executable->run(
        std::vector{f64(gradients[0], {2}).cast(dtype), f64(gradients[1], {1}).cast(dtype)});
    history.push_back(
        {{weights[0]->value().at(0), weights[0]->value().at(1)}, {weights[1]->value().at(0)}});
  }
  return history;
}

/// The same by the published rule, one number at a time. `rule(t, w, g, state)` gives the new w.
template <typename Rule, typename Clip>
std::vector<std::vector<Numbers>> reference(const Rule& rule, const Clip& clip) {
  std::vector<Numbers> weights = kWeights;
  std::vector<std::vector<std::array<double, 3>>> state = {{{}, {}}, {{}}};
  std::vector<std::vector<Numbers>> history;
  for (std::size_t step = 0; step < kGradients.size(); ++step) {
    const std::vector<Numbers> gradients = clip(kGradients[step]);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      for (std::size_t j = 0; j < weights[i].size(); ++j) {
        weights[i][j] =
            rule(static_cast<double>(step + 1), weights[i][j], gradients[i][j], state[i][j]);
      }
    }
    history.push_back(weights);
  }
  return history;
}

const auto kNoClip = [](const std::vector<Numbers>& gradients) { return gradients; };

void expect_same(const std::vector<std::vector<Numbers>>& a,
                 const std::vector<std::vector<Numbers>>& b, double tolerance) {
  for (std::size_t step = 0; step < a.size(); ++step) {
    for (std::size_t i = 0; i < a[step].size(); ++i) {
      for (std::size_t j = 0; j < a[step][i].size(); ++j) {
        EXPECT_NEAR(a[step][i][j], b[step][i][j], tolerance) << "step " << step + 1;
      }
    }
  }
}

/// In Float64 all that differs is the learning rate, a Float32 variable: tests use rates that
/// Float32 holds exactly.
constexpr double kRate = 0.125;
constexpr double kExact = 1e-13;

TEST(SGD, Plain) {
  const auto rule = [](double, double w, double g, auto&) { return w - kRate * g; };
  expect_same(run(optimizers::SGD({.learning_rate = kRate}), DType::Float64),
              reference(rule, kNoClip), kExact);
}

TEST(SGD, Momentum) {
  const auto rule = [](double, double w, double g, auto& s) {
    s[0] = 0.9 * s[0] - kRate * g;
    return w + s[0];
  };
  expect_same(run(optimizers::SGD({.learning_rate = kRate, .momentum = 0.9}), DType::Float64),
              reference(rule, kNoClip), kExact);
}

TEST(SGD, Nesterov) {
  const auto rule = [](double, double w, double g, auto& s) {
    s[0] = 0.9 * s[0] - kRate * g;
    return w + 0.9 * s[0] - kRate * g;
  };
  expect_same(run(optimizers::SGD({.learning_rate = kRate, .momentum = 0.9, .nesterov = true}),
                  DType::Float64),
              reference(rule, kNoClip), kExact);
}

TEST(SGD, WeightDecayIsDecoupled) {
  const auto rule = [](double, double w, double g, auto&) {
    return w - kRate * 0.1 * w - kRate * g;
  };
  expect_same(run(optimizers::SGD({.learning_rate = kRate, .weight_decay = 0.1}), DType::Float64),
              reference(rule, kNoClip), kExact);
}

/// Kingma and Ba 2015, algorithm 1, with epsilon where section 2's last form has it.
double adam(double t, double w, double g, std::array<double, 3>& s, bool amsgrad = false) {
  s[0] = 0.9 * s[0] + 0.1 * g;
  s[1] = 0.999 * s[1] + 0.001 * g * g;
  s[2] = std::max(s[2], s[1]);
  const double rate = kRate * std::sqrt(1 - std::pow(0.999, t)) / (1 - std::pow(0.9, t));
  return w - rate * s[0] / (std::sqrt(amsgrad ? s[2] : s[1]) + 1e-7);
}

TEST(Adam, FollowsItsPaper) {
  const auto rule = [](double t, double w, double g, auto& s) { return adam(t, w, g, s); };
  expect_same(run(optimizers::Adam({.learning_rate = kRate}), DType::Float64),
              reference(rule, kNoClip), kExact);
}

TEST(Adam, Amsgrad) {
  const auto rule = [](double t, double w, double g, auto& s) { return adam(t, w, g, s, true); };
  expect_same(run(optimizers::Adam({.learning_rate = kRate, .amsgrad = true}), DType::Float64),
              reference(rule, kNoClip), kExact);
}

TEST(Adam, Float32KeepsItsDigits) {
  const auto rule = [](double t, double w, double g, auto& s) { return adam(t, w, g, s); };
  expect_same(run(optimizers::Adam({.learning_rate = kRate}), DType::Float32),
              reference(rule, kNoClip), 1e-6);
}

TEST(Adam, WeightDecayComesFirst) {
  const auto rule = [](double t, double w, double g, auto& s) {
    return adam(t, w - w * 0.1 * kRate, g, s);
  };
  expect_same(run(optimizers::Adam({.learning_rate = kRate, .weight_decay = 0.1}), DType::Float64),
              reference(rule, kNoClip), kExact);
}

const auto kDescent = [](double, double w, double g, auto&) { return w - kRate * g; };

TEST(Clipping, ByValue) {
  const auto clip = [](std::vector<Numbers> gradients) {
    for (Numbers& gradient : gradients) {
      for (double& g : gradient) g = std::min(std::max(g, -0.5), 0.5);
    }
    return gradients;
  };
  expect_same(run(optimizers::SGD({.learning_rate = kRate, .clipvalue = 0.5}), DType::Float64),
              reference(kDescent, clip), kExact);
}

double norm(const Numbers& gradient) {
  double squares = 0;
  for (double g : gradient) squares += g * g;
  return std::sqrt(squares);
}

TEST(Clipping, ByNorm) {
  const auto clip = [](std::vector<Numbers> gradients) {
    for (Numbers& gradient : gradients) {
      const double factor = norm(gradient) > 1.0 ? 1.0 / norm(gradient) : 1.0;
      for (double& g : gradient) g *= factor;
    }
    return gradients;
  };
  expect_same(run(optimizers::SGD({.learning_rate = kRate, .clipnorm = 1.0}), DType::Float64),
              reference(kDescent, clip), kExact);
}

TEST(Clipping, ByGlobalNorm) {
  const auto clip = [](std::vector<Numbers> gradients) {
    const double total = std::hypot(norm(gradients[0]), norm(gradients[1]));
    for (Numbers& gradient : gradients) {
      for (double& g : gradient) g *= total > 2.0 ? 2.0 / total : 1.0;
    }
    return gradients;
  };
  expect_same(
      run(optimizers::SGD({.learning_rate = kRate, .global_clipnorm = 2.0}), DType::Float64),
      reference(kDescent, clip), kExact);
}

TEST(Optimizer, NamesSlotsAsKeras) {
  const OptimizerPtr adam = "adam";
  adam->build({std::make_shared<Variable>("dense/kernel", DType::Float32, Shape{2, 3}, true)});
  std::vector<std::string> names;
  for (const VariablePtr& variable : adam->variables()) names.push_back(variable->name());
  EXPECT_EQ(names,
            (std::vector<std::string>{"adam/iterations", "adam/learning_rate",
                                      "adam/dense_kernel_momentum", "adam/dense_kernel_velocity"}));
  EXPECT_EQ(adam->variables()[2]->shape(), (Shape{2, 3}));
}

TEST(Optimizer, LearningRateChangesWithoutCompilingAnew) {
  const OptimizerPtr sgd = optimizers::SGD({.learning_rate = 1.0});
  const auto weight = std::make_shared<Variable>("w", Tensor::scalar(0.0f), true);
  Graph graph;
  CallContext context{.graph = graph, .training = true};
  sgd->apply(context, {weight}, {graph.input("g", DType::Float32, {})});
  const auto executable = compiler::compile(std::move(graph));
  executable->run(std::vector{Tensor::scalar(1.0f)});
  sgd->set_learning_rate(0.5);
  executable->run(std::vector{Tensor::scalar(1.0f)});
  EXPECT_EQ(weight->value().at(0), -1.5);
  EXPECT_EQ(sgd->iterations()->value().at(0), 2);
}

TEST(Optimizer, DefaultsAreKeras) {
  EXPECT_EQ(OptimizerPtr("sgd")->identifier(),
            "SGD(learning_rate=" + std::string("0.009999999776482582") +
                ", momentum=0.0, name=\"sgd\", nesterov=false)");
  const Attributes adam = OptimizerPtr("Adam")->config();
  EXPECT_EQ(adam.real("beta_1"), 0.9);
  EXPECT_EQ(adam.real("beta_2"), 0.999);
  EXPECT_EQ(adam.real("epsilon"), 1e-7);
  EXPECT_EQ(adam.real("learning_rate"), static_cast<double>(1e-3f));
  EXPECT_FALSE(adam.flag("amsgrad"));
}

TEST(Optimizer, ConfigsRoundTrip) {
  for (const OptimizerPtr& optimizer :
       {optimizers::SGD({.momentum = 0.9, .nesterov = true, .clipnorm = 1.0}),
        optimizers::Adam(
            {.learning_rate = 5e-4, .amsgrad = true, .weight_decay = 0.01, .name = "mine"})}) {
    EXPECT_EQ(make_optimizer(optimizer->class_name(), optimizer->config())->config(),
              optimizer->config());
    EXPECT_EQ(OptimizerPtr(optimizer->identifier())->config(), optimizer->config());
  }
}

TEST(Optimizer, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { OptimizerPtr("adma"); }),
              testing::HasSubstr("unknown optimizer 'adma': did you mean 'adam'?"));
  EXPECT_THAT(message_of<ValueError>([] { OptimizerPtr("Adam(learning_rat=0.1)"); }),
              testing::HasSubstr(
                  "optimizer Adam: unknown option 'learning_rat': did you mean 'learning_rate'?"));
  EXPECT_THAT(message_of<ValueError>([] { optimizers::SGD({.learning_rate = -1}); }),
              testing::HasSubstr("-1"));
  EXPECT_THAT(message_of<ValueError>([] { optimizers::SGD({.momentum = 1.5}); }),
              testing::HasSubstr("momentum is 1.5"));
  EXPECT_THAT(message_of<ValueError>([] { optimizers::Adam({.clipnorm = 1, .clipvalue = 1}); }),
              testing::HasSubstr("at most one of"));
  const OptimizerPtr sgd = "sgd";
  const auto one = std::make_shared<Variable>("a", DType::Float32, Shape{}, true);
  const auto other = std::make_shared<Variable>("b", DType::Float32, Shape{}, true);
  sgd->build({one});
  EXPECT_THAT(message_of<ValueError>([&] { sgd->build({other}); }),
              testing::HasSubstr("make a new optimizer"));
}

}  // namespace
}  // namespace sinew
