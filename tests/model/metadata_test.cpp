#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "model/small_models.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"
#include "sinew/io/safetensors.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using namespace sinew::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Writes a checkpoint after the first epoch of two, with something of its description changed.
class ChangedCheckpoint : public ::testing::Test {
 protected:
  ChangedCheckpoint() {
    model_.fit(data_.x, data_.y, {.epochs = 1, .verbose = 0, .checkpoint = file_.path()});
  }
  std::string resume(const std::string& from, const std::string& to) {
    io::SafeTensors file = io::read_safetensors(file_.path());
    std::string& text = file.metadata.at("sinew");
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from << " in " << text;
    if (at != std::string::npos) text.replace(at, from.size(), to);
    io::write_safetensors(changed_.path(), file);
    Sequential model = classifier();
    return message_of<ValueError>([&] {
      model.fit(data_.x, data_.y, {.epochs = 2, .verbose = 0, .resume = changed_.path()});
    });
  }

  const Classes data_ = three_classes(40);
  Sequential model_ = classifier();
  const TemporaryFile file_{"mended.safetensors"}, changed_{"changed.safetensors"};
};

TEST_F(ChangedCheckpoint, ItsLayersMustBeTheModels) {
  EXPECT_THAT(resume("\"activation\":\"relu\"", "\"activation\":\"tanh\""),
              AllOf(HasSubstr(changed_.path()), HasSubstr("another training"),
                    HasSubstr("activation is \"tanh\", but this one's is \"relu\"")));
  EXPECT_THAT(resume("\"activation\":\"relu\",", ""), HasSubstr("activation is null"));
  EXPECT_THAT(resume("\"rate\":0.25", "\"rate\":0.5"), HasSubstr("rate is 0.5"));
  EXPECT_THAT(resume("\"class_name\":\"Dropout\"", "\"class_name\":\"Flatten\""),
              HasSubstr("class_name is \"Flatten\""));
}

TEST_F(ChangedCheckpoint, SoMustWhatItIsTrainedBy) {
  EXPECT_THAT(resume("\"beta_1\":0.9", "\"beta_1\":0.5"),
              HasSubstr("beta_1 is 0.5, but this one's is 0.9"));
  EXPECT_THAT(resume("SparseCategoricalCrossentropy", "MeanSquaredError"), HasSubstr("loss"));
  EXPECT_THAT(resume("[\"accuracy\"]", "[\"mse\"]"), HasSubstr("metrics"));
}

TEST_F(ChangedCheckpoint, ItsHistoryMustBeOne) {
  EXPECT_THAT(resume("\"series\":{\"loss\":[", "\"series\":{\"loss\":{}, \"a\":["),
              AllOf(HasSubstr(changed_.path()), HasSubstr("the history of 'loss' is not a list")));
  EXPECT_THAT(resume("\"series\":{\"loss\":", "\"series\":{\"loss\":\"abc\", \"a\":"),
              HasSubstr("\"abc\""));
  EXPECT_THAT(
      resume("\"history\":{\"epoch\":[0]", "\"history\":{\"epoch\":[0,1,2,3]"),
      HasSubstr("its history has the epochs [0,1,2,3], but the training stands in epoch 1"));
  EXPECT_THAT(resume("\"history\":{\"epoch\":[0]", "\"history\":{\"epoch\":[0,0]"),
              HasSubstr("epochs [0,0]"));
}

TEST(Metadata, ComesBackWithTheModel) {
  const TemporaryFile saved("metadata.safetensors"), checkpoint("metadata_ck.safetensors");
  const Classes data = three_classes(40);
  Sequential model = classifier();
  model.set_metadata("about", "three \"classes\"\n");
  model.save(saved.path());
  model.fit(data.x, data.y, {.verbose = 0, .checkpoint = checkpoint.path()});
  for (const std::string& path : {saved.path(), checkpoint.path()}) {
    Model back = load_model(path);
    EXPECT_EQ(back.metadata(), model.metadata());
    back.save(path);
    EXPECT_EQ(load_model(path).metadata(), model.metadata());
  }
  EXPECT_THAT(message_of<ValueError>([&] { model.set_metadata("sinew", "x"); }),
              HasSubstr("holds the model itself"));
}

TEST(Checkpoint, WhatCannotBeWrittenIsSaidBeforeTheFirstStep) {
  const Classes data = three_classes(40);
  Sequential model = classifier();
  const auto squared = [](Value y_true, Value y_pred) {
    return ops::mean(ops::square(ops::cast(y_true, DType::Float32) - y_pred), {-1});
  };
  model.compile({.loss = Loss(Loss::Function(squared))});
  const Tensor y({40, 3});
  const std::vector<Tensor> before = model.get_weights();
  const TemporaryFile file("function.safetensors");
  EXPECT_THAT(message_of<ValueError>(
                  [&] { model.fit(data.x, y, {.verbose = 0, .checkpoint = file.path()}); }),
              HasSubstr("is a function"));
  const callbacks::ModelCheckpoint callback(file.path());
  EXPECT_THAT(message_of<ValueError>(
                  [&] { model.fit(data.x, y, {.verbose = 0, .callbacks = {callback}}); }),
              HasSubstr("is a function"));
  Sequential other = classifier();
  EXPECT_THAT(message_of<FileError>([&] {
                other.fit(data.x, data.y, {.verbose = 0, .checkpoint = "/proc/absent/c"});
              }),
              HasSubstr("/proc/absent/c"));
  EXPECT_EQ(other.iterations(), 0);
  EXPECT_TRUE(same_bits(before, model.get_weights()));
}

TEST(Fit, ValidationTargetsWithoutInputsAreRefused) {
  const Classes data = three_classes(40);
  Sequential model = classifier();
  EXPECT_THAT(message_of<ValueError>([&] {
                model.fit(data.x, data.y, {.verbose = 0, .validation_data = {{}, data.y}});
              }),
              HasSubstr("validation_data has targets or weights, but no x"));
}

TEST(Callbacks, ReportOnStandardError) {
  const Classes data = three_classes(40);
  Sequential model = classifier();
  const TemporaryFile file("reported.safetensors");
  ::testing::internal::CaptureStdout();
  model.fit(data.x, data.y,
            {.verbose = 0, .callbacks = {callbacks::ModelCheckpoint(file.path(), {.verbose = 1})}});
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

}  // namespace
}  // namespace sinew
