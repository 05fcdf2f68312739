#include "sinew/nn/optimizers.h"

#include "nn/optimizer_harness.h"

namespace sinew {
namespace {

using namespace optimizers;

const NumberRule kDescent = [](double, double w, double g, auto&) { return w - kRate * g; };

/// Plain descent by clipped gradients; `clip` changes all of a step's at once.
template <typename Clip>
void expect_descends_by_clipped(const OptimizerPtr& optimizer, const Clip& clip) {
  Stepper stepper(optimizer);
  std::vector<Followed> reference = first_weights();
  for (int step = 1; step <= kOptimizerSteps; ++step) {
    stepper.step(step);
    std::vector<Numbers> gradients = gradients_of_step(step);
    clip(gradients);
    for (std::size_t i = 0; i < reference.size(); ++i)
      each_number(kDescent)(step, reference[i], gradients[i]);
    ASSERT_TRUE(expect_numbers(stepper.values(), reference, 1e-13, step));
  }
}

double squares(const Numbers& gradient) {
  double sum = 0;
  for (double g : gradient) sum += g * g;
  return sum;
}

void scale(Numbers& gradient, double factor) {
  for (double& g : gradient) g *= factor;
}

TEST(Clipping, ByValue) {
  expect_descends_by_clipped(SGD({.learning_rate = kRate, .clipvalue = 0.5}),
                             [](std::vector<Numbers>& gradients) {
                               for (Numbers& gradient : gradients) {
                                 for (double& g : gradient) g = std::clamp(g, -0.5, 0.5);
                               }
                             });
}

TEST(Clipping, ByNorm) {
  expect_descends_by_clipped(SGD({.learning_rate = kRate, .clipnorm = 1.0}),
                             [](std::vector<Numbers>& gradients) {
                               for (Numbers& gradient : gradients)
                                 scale(gradient, 1 / std::max(1.0, std::sqrt(squares(gradient))));
                             });
}

TEST(Clipping, ByGlobalNorm) {
  expect_descends_by_clipped(SGD({.learning_rate = kRate, .global_clipnorm = 2.0}),
                             [](std::vector<Numbers>& gradients) {
                               double sum = 0;
                               for (const Numbers& gradient : gradients) sum += squares(gradient);
                               for (Numbers& gradient : gradients)
                                 scale(gradient, 2 / std::max(2.0, std::sqrt(sum)));
                             });
}

TEST(WeightDecay, LeavesOutWhatIsExcluded) {
  const auto after_a_step = [](auto exclude) {
    const OptimizerPtr sgd = SGD({.learning_rate = kRate, .weight_decay = 0.5});
    Stepper stepper(sgd);
    exclude(*sgd, stepper.weights());
    stepper.step(1);
    return stepper.values();
  };
  const auto decayed = after_a_step([](auto&, auto&) {});
  // dense/bias by its name, wide/kernel by itself; dense/kernel not by its layer's name.
  const auto partly = after_a_step([](Optimizer& sgd, const std::vector<VariablePtr>& weights) {
    sgd.exclude_from_weight_decay({weights[2]}, {"^bi?as", "dense"});
  });
  const std::vector<Followed> before = first_weights();
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double excluded = i == 1 || i == 2 ? 1 : 0;
    for (std::size_t k = 0; k < before[i].value.size(); ++k) {
      EXPECT_NEAR(partly[i][k] - decayed[i][k], excluded * kRate * 0.5 * before[i].value[k], 1e-15)
          << kFollowed[i].first;
    }
  }
}

TEST(MovingAverage, FollowsTheWeightsAndOverwritesThem) {
  const OptimizerPtr sgd = SGD({.learning_rate = kRate,
                                .use_ema = true,
                                .ema_momentum = 0.75,
                                .ema_overwrite_frequency = 3});
  Stepper stepper(sgd);
  std::vector<Followed> reference = first_weights();
  for (int step = 1; step <= kOptimizerSteps; ++step) {
    stepper.step(step);
    const std::vector<Numbers> gradients = gradients_of_step(step);
    for (std::size_t i = 0; i < reference.size(); ++i) {
      each_number([](double t, double w, double g, auto& s) {
        const double next = w - kRate * g;
        s[0] = t == 1 ? next : 0.75 * s[0] + 0.25 * next;
        return static_cast<int>(t) % 3 == 0 ? s[0] : next;
      })(step, reference[i], gradients[i]);
    }
    ASSERT_TRUE(expect_numbers(stepper.values(), reference, 1e-13, step));
  }
  const std::vector<Numbers> trained = stepper.values();
  sgd->swap_moving_averages();
  EXPECT_TRUE(sgd->moving_averages_swapped());
  for (Followed& weight : reference) weight.value = weight.slot(0);
  expect_numbers(stepper.values(), reference, 1e-13, 0);
  sgd->swap_moving_averages();
  EXPECT_EQ(stepper.values(), trained);
  sgd->finalize_variable_values();
  expect_numbers(stepper.values(), reference, 1e-13, 0);
}

TEST(MovingAverage, IsFinalWhenTheTrainingEndsWithTheAveragesInTheModel) {
  const OptimizerPtr sgd = SGD({.use_ema = true});
  Stepper stepper(sgd);
  for (int step = 1; step <= 3; ++step) stepper.step(step);
  sgd->swap_moving_averages();
  const std::vector<Numbers> averages = stepper.values();
  sgd->finalize_variable_values();
  EXPECT_EQ(stepper.values(), averages);
  EXPECT_FALSE(sgd->moving_averages_swapped());
}

TEST(GradientAccumulation, MovesByTheMeanInEachLastStep) {
  Stepper stepper(
      Adam({.learning_rate = kRate, .weight_decay = 0.1, .gradient_accumulation_steps = 3}));
  Stepper plain(Adam({.learning_rate = kRate, .weight_decay = 0.1}));
  const std::vector<Numbers> before = stepper.values();
  // The same gradient three times has itself as its mean.
  for (int update = 1; update <= 3; ++update) {
    const std::vector<Numbers> old = stepper.values();
    stepper.step(update, 0.5);
    stepper.step(update, 2.0);
    EXPECT_EQ(stepper.values(), old);
    EXPECT_EQ(stepper.optimizer().iterations(), update - 1);
    stepper.step(update, 0.5);
    EXPECT_EQ(stepper.optimizer().iterations(), update);
    plain.step(update);
    const std::vector<Numbers> wanted = plain.values();
    std::vector<Followed> reference = first_weights();
    for (std::size_t i = 0; i < wanted.size(); ++i) reference[i].value = wanted[i];
    ASSERT_TRUE(expect_numbers(stepper.values(), reference, 1e-13, update));
  }
}

TEST(LossScale, GrowsWithFiniteStepsAndShrinksWithOthers) {
  const OptimizerPtr optimizer = LossScaleOptimizer(
      Adam({.learning_rate = kRate}), {.initial_scale = 1024, .dynamic_growth_steps = 2});
  Stepper scaled(optimizer);
  Stepper plain(Adam({.learning_rate = kRate}));
  scaled.step(1, 1024);
  const auto scale = [&] { return optimizer->variables()[3]->value().at(0); };
  EXPECT_EQ(scale(), 1024);
  scaled.step(2, 1024);
  EXPECT_EQ(scale(), 2048);
  const std::vector<Numbers> before = scaled.values();
  for (double fault :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    scaled.step(3, fault);
    EXPECT_EQ(scaled.values(), before);
    EXPECT_EQ(optimizer->iterations(), 2);
  }
  EXPECT_EQ(scale(), 512);
  scaled.step(3, 512);
  EXPECT_EQ(optimizer->iterations(), 3);
  for (int step = 1; step <= 3; ++step) plain.step(step);
  EXPECT_EQ(scaled.values(), plain.values()) << "scales are powers of two";
}

TEST(LossScale, OfAFixedFactorDividesTheGradients) {
  Stepper scaled(SGD({.learning_rate = kRate, .clipnorm = 0.5, .loss_scale_factor = 64}));
  Stepper plain(SGD({.learning_rate = kRate, .clipnorm = 0.5}));
  scaled.step(1, 64);
  plain.step(1);
  EXPECT_EQ(scaled.values(), plain.values());
}

TEST(LossScale, MultipliesTheLoss) {
  for (const auto& [optimizer, factor] :
       {std::pair{SGD({.loss_scale_factor = 64}), 64.0},
        {SGD(), 1.0},
        {LossScaleOptimizer(SGD({.loss_scale_factor = 3})), 32768.0}}) {
    Graph graph;
    CallContext context{.graph = graph};
    const Value loss = graph.constant(Tensor::scalar(2.0f));
    EXPECT_EQ(eval(optimizer->scale_loss(context, loss)).at(0), 2.0 * factor);
  }
}

TEST(Optimizer, LearningRateChangesWithoutCompilingAnew) {
  const OptimizerPtr sgd = SGD({.learning_rate = 1.0});
  const auto weight = std::make_shared<Variable>("w", Tensor::scalar(0.0f), true);
  Graph graph;
  CallContext context{.graph = graph, .training = true};
  sgd->apply(context, {weight}, {graph.input("g", DType::Float32, {})});
  const auto executable = compiler::compile(std::move(graph));
  executable->run(std::vector{Tensor::scalar(1.0f)});
  sgd->set_learning_rate(0.5);
  executable->run(std::vector{Tensor::scalar(1.0f)});
  EXPECT_EQ(weight->value().at(0), -1.5);
  EXPECT_EQ(sgd->iterations(), 2);
}

TEST(Optimizer, FollowsASchedule) {
  const OptimizerPtr sgd =
      SGD({.learning_rate = schedules::PiecewiseConstantDecay({1, 2}, {1.0, 0.5, 0.25})});
  const auto weight = std::make_shared<Variable>("w", Tensor::scalar(0.0f), true);
  Graph graph;
  CallContext context{.graph = graph, .training = true};
  sgd->apply(context, {weight}, {graph.input("g", DType::Float32, {})});
  const auto executable = compiler::compile(std::move(graph));
  std::vector<double> rates, weights;
  for (int step = 0; step < 5; ++step) {
    rates.push_back(sgd->learning_rate());
    executable->run(std::vector{Tensor::scalar(1.0f)});
    weights.push_back(weight->value().at(0));
  }
  EXPECT_EQ(rates, (std::vector<double>{1, 1, 0.5, 0.25, 0.25}));
  EXPECT_EQ(weights, (std::vector<double>{-1, -2, -2.5, -2.75, -3}));
  EXPECT_EQ(sgd->variables().size(), 1u) << "no rate to keep";
  EXPECT_THAT(message_of<ValueError>([&] { sgd->set_learning_rate(0.5); }),
              testing::HasSubstr("its learning rate is a PiecewiseConstantDecay"));
}

TEST(Optimizer, TakesSchedulesAsTexts) {
  const OptimizerPtr sgd = SGD({.learning_rate = "ExponentialDecay(initial_learning_rate=2, "
                                                 "decay_steps=1, decay_rate=0.5)"});
  EXPECT_EQ(sgd->learning_rate(), 2);
  EXPECT_EQ(OptimizerPtr(sgd->identifier())->config(), sgd->config());
}

TEST(Optimizer, ScheduleFreeBeginsWhereTheWeightStandsInItsFirstStep) {
  const auto after_a_step = [](bool late) {
    const OptimizerPtr optimizer = ScheduleFreeAdamW();
    Stepper stepper(optimizer);
    const auto set = [&] {
      for (const VariablePtr& weight : stepper.weights())
        weight->assign(Tensor::full(weight->shape(), 0.5, DType::Float64));
    };
    if (!late) set();
    optimizer->build(stepper.weights());
    if (late) set();
    stepper.step(1);
    return stepper.values();
  };
  EXPECT_EQ(after_a_step(true), after_a_step(false));
}

TEST(Optimizer, IdentifierSaysAll) {
  EXPECT_EQ(OptimizerPtr("sgd")->identifier(),
            "SGD(ema_momentum=0.99, learning_rate=" + std::string("0.009999999776482582") +
                ", momentum=0.0, name=\"sgd\", nesterov=false, use_ema=false)");
}

TEST(Optimizer, NoneIsKeptWhereItIsNotTheDefault) {
  const OptimizerPtr muon = Muon({.adam_weight_decay = {},
                                  .exclude_layers = {"a.b", "c\"d"},
                                  .rms_rate = {},
                                  .weight_decay = {}});
  EXPECT_EQ(OptimizerPtr(muon->identifier())->config(), muon->config());
  EXPECT_EQ(muon->config().get<std::string>("rms_rate"), "None");
}

TEST(Optimizer, Errors) {
  const struct {
    std::function<void()> mistake;
    const char* message;
  } cases[] = {
      {[] { OptimizerPtr("adma"); }, "unknown optimizer 'adma': did you mean 'adam'?"},
      {[] { OptimizerPtr("Adam(learning_rat=0.1)"); },
       "optimizer Adam: unknown option 'learning_rat': did you mean 'learning_rate'?"},
      {[] { SGD({.learning_rate = -1}); }, "optimizer sgd: learning_rate is -1"},
      {[] { SGD({.momentum = 1.5}); }, "momentum is 1.5"},
      {[] { Adam({.clipnorm = 1, .clipvalue = 1}); }, "at most one of"},
      {[] { Adam({.clipnorm = 0}); }, "clipnorm is 0; it must be positive"},
      {[] { Adam({.weight_decay = -0.5}); }, "weight_decay is -0.5"},
      {[] { Adam({.use_ema = true, .ema_momentum = 1.5}); }, "ema_momentum is 1.5"},
      {[] { Adam({.use_ema = true, .ema_overwrite_frequency = 0}); },
       "ema_overwrite_frequency is 0; it must be at least 1"},
      {[] { Adam({.gradient_accumulation_steps = 1}); },
       "gradient_accumulation_steps is 1; it must be at least 2"},
      {[] { Adam({.loss_scale_factor = 0}); }, "loss_scale_factor is 0"},
      {[] { Adam({.beta_2 = 1}); }, "beta_2 is 1"},
      {[] { OptimizerPtr("AdamW(weight_decay=\"None\")"); },
       "option 'weight_decay' has a value of the wrong kind"},
      {[] { Lion({.beta_1 = 0}); }, "beta_1 is 0; it must be above 0"},
      {[] { Ftrl({.initial_accumulator_value = -1}); }, "initial_accumulator_value is -1"},
      {[] { Ftrl({.learning_rate_power = 0.5}); }, "learning_rate_power is 0.5"},
      {[] { Ftrl({.l1_regularization_strength = -1}); }, "l1_regularization_strength is -1"},
      {[] { Adafactor({.clip_threshold = 0}); }, "clip_threshold is 0"},
      {[] { ScheduleFreeAdamW({.beta_1 = 0}); }, "beta_1 is 0"},
      {[] { Muon({.exclude_layers = {"(a"}}); }, "'(a' is not a regular expression"},
      {[] { SGD()->exclude_from_weight_decay({}, {"["}); }, "'[' is not a regular expression"},
      {[] { SGD()->swap_moving_averages(); }, "it keeps no moving averages"},
      {[] { LossScaleOptimizer(nullptr); }, "its inner optimizer is null"},
      {[] { LossScaleOptimizer(SGD(), {.initial_scale = 0}); }, "initial_scale is 0"},
      {[] { LossScaleOptimizer(SGD(), {.dynamic_growth_steps = 0}); }, "dynamic_growth_steps is 0"},
      {[] { OptimizerPtr("LossScaleOptimizer"); }, "option 'inner_optimizer' is missing"},
      {[] { OptimizerPtr("LossScaleOptimizer(inner_optimizer=\"sgd\", clipnorm=1.0)"); },
       "unknown option 'clipnorm'"},
      {[] { OptimizerPtr("SGD(learning_rate=\"CosinDecay\")"); },
       "unknown learning rate schedule 'CosinDecay': did you mean 'CosineDecay'?"},
      {[] { OptimizerPtr("SGD(learning_rate=true)"); }, "a value of the wrong kind"},
  };
  for (const auto& [mistake, message] : cases)
    EXPECT_THAT(message_of<ValueError>(mistake), testing::HasSubstr(message)) << message;
}

TEST(Optimizer, BelongsToItsWeights) {
  const OptimizerPtr sgd = "sgd";
  const auto one = std::make_shared<Variable>("a", DType::Float32, Shape{}, true);
  const auto other = std::make_shared<Variable>("b", DType::Float32, Shape{}, true);
  sgd->build({one});
  EXPECT_THAT(message_of<ValueError>([&] { sgd->build({other}); }),
              testing::HasSubstr("make a new optimizer"));
  EXPECT_THAT(message_of<ValueError>([&] { sgd->exclude_from_weight_decay({one}); }),
              testing::HasSubstr("comes before the optimizer is built"));
}

TEST(Schedule, Errors) {
  using namespace schedules;
  const struct {
    std::function<void()> mistake;
    const char* message;
  } cases[] = {
      {[] { CosineDecay(0.1, 0); }, "schedule CosineDecay: decay_steps is 0; it must be positive"},
      {[] { CosineDecayRestarts(0.1, -1); }, "first_decay_steps is -1"},
      {[] { CosineDecayRestarts(0.1, 1, {.t_mul = 0}); }, "t_mul is 0"},
      {[] { ExponentialDecay(0.1, 0, 0.5); }, "decay_steps is 0"},
      {[] { InverseTimeDecay(0.1, 0, 0.5); }, "decay_steps is 0"},
      {[] { PolynomialDecay(0.1, 0); }, "decay_steps is 0"},
      {[] {
         PiecewiseConstantDecay({1, 2}, {0.5, 0.25});
       },
       "2 boundaries and 2 values"},
      {[] {
         PiecewiseConstantDecay({2, 1}, {0.5, 0.25, 0.125});
       },
       "do not rise"},
      {[] { SchedulePtr("CosineDecay(decay_steps=3)"); },
       "option 'initial_learning_rate' is missing"},
      {[] { SchedulePtr("PolynomialDecay(initial_learning_rate=1, decay_steps=2, powr=3)"); },
       "schedule PolynomialDecay: unknown option 'powr': did you mean 'power'?"},
  };
  for (const auto& [mistake, message] : cases)
    EXPECT_THAT(message_of<ValueError>(mistake), testing::HasSubstr(message)) << message;
}

}  // namespace
}  // namespace sinew
