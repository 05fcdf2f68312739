#include "sinew/nn/identifier.h"

#include <limits>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

TEST(Identifier, ReadsEveryKindOfValue) {
  const Identifier read = Identifier::parse(
      " Name ( a = 3, b=-1.5e-3, c=true, d=\"x, \\\"y\\\")\", e=[1, 2], f=[1, 2.5], g=None, h=[], "
      "i=[\"a, ]\", \"b\"]) ",
      "thing");
  EXPECT_EQ(read.name, "Name");
  EXPECT_EQ(read.arguments.integer("a"), 3);
  EXPECT_EQ(read.arguments.real("b"), -1.5e-3);
  EXPECT_TRUE(read.arguments.flag("c"));
  EXPECT_EQ(read.arguments.get<std::string>("d"), "x, \"y\")");
  EXPECT_EQ(read.arguments.integers("e"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(read.arguments.get<std::vector<double>>("f"), (std::vector<double>{1, 2.5}));
  EXPECT_FALSE(read.arguments.has("g"));
  EXPECT_TRUE(read.arguments.integers("h").empty());
  EXPECT_EQ(read.arguments.get<std::vector<std::string>>("i"),
            (std::vector<std::string>{"a, ]", "b"}));
}

TEST(Identifier, RoundTripsWithEveryBit) {
  const Identifier written = {"Thing",
                              {{"third", 1.0 / 3},
                               {"whole", 2.0},
                               {"large", std::numeric_limits<double>::max()},
                               {"infinite", -std::numeric_limits<double>::infinity()},
                               {"count", std::numeric_limits<std::int64_t>::min()},
                               {"text", std::string("quote \" and \\")},
                               {"list", std::vector<double>{1.0, 0.1}},
                               {"texts", std::vector<std::string>{"a\"b", ""}},
                               {"rows", std::vector<std::vector<std::int64_t>>{{1, -2}, {}, {3}}},
                               {"flag", false}}};
  EXPECT_EQ(Identifier::parse(written.str(), "thing"), written);
  EXPECT_EQ((Identifier{"plain"}).str(), "plain");
}

TEST(Identifier, KeyForgetsCaseAndUnderscores) {
  EXPECT_EQ((Identifier{"GlorotUniform"}).key(), (Identifier{"glorot_uniform"}).key());
}

TEST(Identifier, ErrorsSayWhere) {
  for (const auto& [text, expected] :
       {std::pair{"", "expected a name at position 1"},
        std::pair{"a(", "expected an argument's name at position 3"},
        std::pair{"a(b)", "expected '=' at position 4"},
        std::pair{"a(b=c)", "a \"text\" or a [list] at position 5"},
        std::pair{"a(b=1", "expected ')' at position 6"},
        std::pair{"a(b=\"x", "expected a closing quote at position 7"},
        std::pair{"a(b=[\"x\", 1])", "expected '\"' at position 11"},
        std::pair{"a(b=[[1.5]])", "expected integers at position 11"},
        std::pair{"a(b=[[1], 2])", "expected '[' at position 11"},
        std::pair{"a b", "expected nothing more at position 3"}}) {
    EXPECT_THAT(message_of<ValueError>([text = text] { Identifier::parse(text, "loss"); }),
                testing::AllOf(testing::HasSubstr(std::string("loss '") + text + "'"),
                               testing::HasSubstr(expected)));
  }
}

}  // namespace
}  // namespace sinew
