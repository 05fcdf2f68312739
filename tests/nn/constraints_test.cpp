#include "sinew/nn/constraints.h"

#include "nn/keras/inputs.h"
#include "nn/keras/weights.h"

namespace sinew {
namespace {

Tensor constrained(const Constraint& constraint, const Tensor& weight) {
  Graph graph;
  return eval(constraint(graph.constant(weight)));
}

class Constraints : public testing::TestWithParam<keras::ConstraintCase> {};

TEST_P(Constraints, MovesWeightsWhereKerasDoes) {
  const Tensor weight = keras::each(wave({3, 4}, 0.4), [](double v) { return 1.5 * v; });
  const Constraint constraint = GetParam().identifier;
  expect_relative(constrained(constraint, weight), GetParam().weight, 1e-12);
  expect_relative(constrained(constraint, weight.cast(DType::Float32)), GetParam().weight, 1e-6);
}

TEST_P(Constraints, IdentifierMakesTheSameAgain) {
  const std::string text = Constraint(GetParam().identifier).identifier();
  EXPECT_EQ(Constraint(text).identifier(), text);
}

INSTANTIATE_TEST_SUITE_P(All, Constraints, testing::ValuesIn(keras::kConstraints),
                         keras::case_name<keras::ConstraintCase>);

TEST(Constraint, ZerosStayZeros) {
  for (const std::string& name : constraint_names())
    expect_near(constrained(name, Tensor(Shape{2, 2}, DType::Float64)), {0, 0, 0, 0}, 0);
}

TEST(Constraint, ObjectsAndNames) {
  EXPECT_EQ(constraints::MaxNorm({.max_value = 3.0}).identifier(),
            "MaxNorm(axis=[0], max_value=3.0)");
  EXPECT_EQ(constraints::UnitNorm({0, 1}).identifier(), "UnitNorm(axis=[0, 1])");
  EXPECT_EQ(constraints::MinMaxNorm({.rate = 0.5}).identifier(),
            "MinMaxNorm(axis=[0], max_value=1.0, min_value=0.0, rate=0.5)");
  EXPECT_EQ(Constraint("non_neg").identifier(), "NonNeg");
  EXPECT_FALSE(Constraint());
  EXPECT_EQ(Constraint("").identifier(), "");
}

TEST(Constraint, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { Constraint("max_nrom"); }),
              testing::HasSubstr("did you mean 'max_norm'?"));
  EXPECT_THAT(message_of<ValueError>([] { Constraint("MaxNorm(max=1.0)"); }),
              testing::HasSubstr("unknown option 'max'"));
  EXPECT_THAT(message_of<ValueError>([] { Constraint("MinMaxNorm(min_value=2.0)"); }),
              testing::HasSubstr("min_value is 2"));
  EXPECT_THAT(message_of<ValueError>([] { Constraint([](Value w) { return w; }).identifier(); }),
              testing::HasSubstr("cannot be saved"));
}

}  // namespace
}  // namespace sinew
