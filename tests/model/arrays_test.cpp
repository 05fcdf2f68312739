#include "model/arrays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "model/small_models.h"
#include "sinew/base/error.h"

namespace sinew::model {
namespace {

using sinew::testing::message_of;
using ::testing::HasSubstr;

TEST(Arrays, FindTheFirstOfManyBadValuesWhateverTheThreads) {
  Tensor x({5000, 100});
  for (std::size_t row : {4999u, 4321u, 4400u}) {
    x.data<float>()[row * 100 + 17] = std::numeric_limits<float>::quiet_NaN();
  }
  const Arrays arrays = make_arrays(x, {}, {}, 1, 1, "test data");
  const std::vector<Expected> expected = {{"x", {DType::Float32, {Shape::kUnknown, 100}}}};
  EXPECT_THAT(message_of<ValueError>([&] { check_finite(arrays, expected, expected); }),
              HasSubstr("test data x holds nan in row 4321 (element 17 of the row)"));
}

TEST(Arrays, OneTensorOfWeightsServesAllOutputs) {
  const Arrays arrays = make_arrays(Tensor({3, 1}), {Tensor({3}), Tensor({3})},
                                    Tensor::from<double>({1, 2, 3}, {3, 1}), 1, 2, "");
  ASSERT_EQ(arrays.weights.size(), 2u);
  EXPECT_EQ(arrays.weights[1].shape(), (Shape{3}));
  EXPECT_EQ(arrays.weights[1].dtype(), DType::Float32);
}

TEST(Arrays, ClassWeightsReadLabelsAndOneHotRows) {
  const std::map<int, double> weight = {{1, 4.0}};
  const Tensor labels = Tensor::from<std::int32_t>({0, 1, 1}, {3});
  const Tensor one_hot = Tensor::from<float>({1, 0, 0, 1, 0, 1}, {3, 2});
  const Tensor present = Tensor::from<float>({2, 3, 5}, {3});
  for (const Tensor& y : {labels, labels.reshape({3, 1}), one_hot}) {
    const Tensor result = apply_class_weight(y, present, weight);
    EXPECT_EQ(result.at(0), 2);
    EXPECT_EQ(result.at(1), 12);
    EXPECT_EQ(result.at(2), 20);
  }
}

TEST(Arrays, SplitsAsKeras) {
  const Arrays arrays = make_arrays(Tensor({10, 1}), Tensor({10}), {}, 1, 1, "");
  const auto [train, validation] = split_validation(arrays, 0.25);
  EXPECT_EQ(train.rows, 7);
  EXPECT_EQ(validation.rows, 3);
  EXPECT_EQ(validation.x[0].raw(), static_cast<const float*>(arrays.x[0].raw()) + 7);
}

TEST(Arrays, WeightsMustBeOneARow) {
  EXPECT_THAT(message_of<ShapeError>([] {
                make_arrays(Tensor({3, 1}), Tensor({3}), Tensor({3, 2}), 1, 1, "");
              }),
              HasSubstr("sample_weight has shape (3, 2); it must hold one number a sample"));
}

}  // namespace
}  // namespace sinew::model
