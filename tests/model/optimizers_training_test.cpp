// What every optimizer must keep in a training: resumed and whole runs, one thread and two, give
// the same bits; files hold all of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/base/parallel.h"

namespace sinew {
namespace {

using namespace testing;
using ::testing::HasSubstr;

/// Every optimizer, and every shared argument.
const std::vector<std::string> kOptimizers = {
    "SGD(momentum=0.9, nesterov=true, weight_decay=0.01)",
    "Adam(amsgrad=true, global_clipnorm=1.0)",
    "AdamW(gradient_accumulation_steps=4)",
    "Adamax(clipvalue=0.1)",
    "Nadam(gradient_accumulation_steps=2, use_ema=true, ema_overwrite_frequency=3)",
    "RMSprop(momentum=0.5, centered=true)",
    "Adagrad(clipnorm=0.5)",
    "Adadelta(learning_rate=1.0, use_ema=true)",
    "Adafactor(learning_rate=0.1)",
    "Ftrl(l1_regularization_strength=0.001, learning_rate=0.1)",
    "Lion(loss_scale_factor=128.0)",
    "Lamb",
    "Muon(learning_rate=\"CosineDecay(initial_learning_rate=0.01, decay_steps=20)\")",
    "ScheduleFreeAdamW(warmup_steps=3)",
    "LossScaleOptimizer(inner_optimizer=\"Adam(use_ema=true)\", dynamic_growth_steps=3)",
};

struct Trained {
  std::vector<Tensor> weights;
  std::vector<std::vector<double>> losses;
};

/// Three epochs of six steps; `stop_after` steps the process dies, if it is not negative.
Trained train(const std::string& optimizer, const std::string& checkpoint = "",
              const std::string& resume = "", int stop_after = -1) {
  const Classes data = three_classes(96);
  Sequential model = classifier(optimizer);
  struct Killed {};
  int steps = 0;
  const callbacks::LambdaCallback kill({.on_train_batch_begin = [&](int) {
    if (steps++ == stop_after) throw Killed{};
  }});
  Trained trained;
  try {
    const History history = model.fit(data.x, data.y,
                                      {.epochs = 3,
                                       .batch_size = 16,
                                       .verbose = 0,
                                       .callbacks = {kill},
                                       .seed = 4,
                                       .resume = resume,
                                       .checkpoint = checkpoint,
                                       .checkpoint_every = checkpoint.empty() ? 0 : 1});
    trained.losses.push_back(history["loss"]);
  } catch (const Killed&) {
  }
  trained.weights = model.get_weights();
  return trained;
}

TEST(Optimizers, AResumedTrainingEqualsTheUninterruptedOneBitForBit) {
  for (const std::string& optimizer : kOptimizers) {
    const Trained whole = train(optimizer);
    const TemporaryFile file("optimizer.safetensors");
    train(optimizer, file.path(), "", 7);
    const Trained resumed = train(optimizer, "", file.path());
    EXPECT_TRUE(same_bits(resumed.weights, whole.weights)) << optimizer;
    EXPECT_EQ(resumed.losses, whole.losses) << optimizer;
  }
}

TEST(Optimizers, TheNumberOfThreadsChangesNoBit) {
  const int before = num_threads();
  for (const std::string& optimizer : kOptimizers) {
    set_num_threads(1);
    const Trained one = train(optimizer);
    set_num_threads(2);
    const Trained two = train(optimizer);
    EXPECT_TRUE(same_bits(one.weights, two.weights)) << optimizer;
  }
  set_num_threads(before);
}

TEST(Optimizers, LessenTheLoss) {
  const Classes data = three_classes(96);
  for (const std::string& optimizer : kOptimizers) {
    Sequential model = classifier(optimizer, 0);
    const double before = model.evaluate(data.x, data.y, {.verbose = 0})["loss"];
    model.fit(data.x, data.y, {.epochs = 10, .batch_size = 16, .verbose = 0});
    EXPECT_LT(model.evaluate(data.x, data.y, {.verbose = 0})["loss"], before) << optimizer;
  }
}

TEST(Optimizers, AModelIsSavedWithItsOptimizer) {
  const Classes data = three_classes(32);
  for (const std::string& optimizer : kOptimizers) {
    Sequential model = classifier(optimizer, 0);
    for (int step = 0; step < 3; ++step) model.train_on_batch(data.x, data.y);
    const TemporaryFile file("optimizer.safetensors");
    model.save(file.path());
    Model loaded = load_model(file.path());
    EXPECT_EQ(loaded.iterations(), model.iterations());
    EXPECT_EQ(loaded.learning_rate(), model.learning_rate());
    for (int step = 0; step < 3; ++step) {
      model.train_on_batch(data.x, data.y);
      loaded.train_on_batch(data.x, data.y);
    }
    EXPECT_TRUE(same_bits(loaded.get_weights(), model.get_weights())) << optimizer;
  }
}

TEST(Optimizers, AScaledLossIsReportedAsItIs) {
  const Trained plain = train("adam");
  const Trained scaled = train("LossScaleOptimizer(inner_optimizer=\"adam\")");
  // Powers of two change exponents only.
  EXPECT_TRUE(same_bits(plain.weights, scaled.weights));
  EXPECT_EQ(plain.losses, scaled.losses);
}

TEST(Optimizers, AccumulatedGradientsAreThoseOfTheLargerBatch) {
  const Classes data = three_classes(64);
  const auto trained = [&](const std::string& optimizer, std::int64_t batch_size) {
    Sequential model = classifier(optimizer, 0);
    model.fit(data.x, data.y,
              {.epochs = 2, .batch_size = batch_size, .verbose = 0, .shuffle = false});
    return model.get_weights();
  };
  const std::vector<Tensor> whole = trained("sgd", 32);
  const std::vector<Tensor> parts = trained("SGD(gradient_accumulation_steps=4)", 8);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (std::int64_t k = 0; k < whole[i].numel(); ++k)
      EXPECT_NEAR(whole[i].at(k), parts[i].at(k), 1e-6);
  }
}

TEST(Optimizers, FitEndsWithTheAverages) {
  const Classes data = three_classes(48);
  const auto trained = [&](const std::string& optimizer, int epochs) {
    Sequential model = classifier(optimizer, 0);
    model.fit(data.x, data.y, {.epochs = epochs, .batch_size = 48, .verbose = 0});
    return model.get_weights();
  };
  const std::vector<Tensor> first = trained("SGD(learning_rate=0.5)", 1);
  const std::vector<Tensor> second = trained("SGD(learning_rate=0.5)", 2);
  const std::vector<Tensor> average =
      trained("SGD(learning_rate=0.5, use_ema=true, ema_momentum=0.75)", 2);
  for (std::size_t i = 0; i < first.size(); ++i) {
    for (std::int64_t k = 0; k < first[i].numel(); ++k)
      EXPECT_NEAR(average[i].at(k), 0.75 * first[i].at(k) + 0.25 * second[i].at(k), 1e-6);
  }
}

TEST(Optimizers, AResumedTrainingKeepsToItsSchedule) {
  const auto by = [](const std::string& rate) {
    return "SGD(learning_rate=\"CosineDecay(initial_learning_rate=" + rate + ", decay_steps=9)\")";
  };
  const TemporaryFile file("schedule.safetensors");
  train(by("0.5"), file.path(), "", 7);
  for (const std::string& other : {by("0.25"), std::string("sgd")}) {
    EXPECT_THAT(message_of<ValueError>([&] { train(other, "", file.path()); }),
                HasSubstr("is a checkpoint of another training"));
  }
}

}  // namespace
}  // namespace sinew
