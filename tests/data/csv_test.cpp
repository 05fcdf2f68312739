#include "sinew/data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sinew/base/error.h"

namespace sinew::data {
namespace {

TEST(Csv, ReadsNumbersWithHeader) {
  const CsvTable table = parse_csv("a,b,price\n1,2.5,10\n-3e2, 4 ,20\n", "t.csv");
  EXPECT_EQ(table.x.shape(), (Shape{2, 2}));
  EXPECT_FLOAT_EQ(static_cast<float>(table.x.at(2)), -300.0f);
  EXPECT_EQ(table.y.shape(), (Shape{2, 1}));
  EXPECT_EQ(table.y.at(1), 20.0);
  EXPECT_THAT(table.columns, testing::ElementsAre("a", "b"));
}

TEST(Csv, ReadsClassesQuotesAndMissingValues) {
  const CsvTable table =
      parse_csv("1,\"M, \"\"x\"\"\",2\r\n,B,4\r\n\r\n5,B,", "t.csv", {.label = "1"});
  EXPECT_EQ(table.x.shape(), (Shape{3, 2}));
  EXPECT_TRUE(std::isnan(table.x.at(2)));
  EXPECT_TRUE(std::isnan(table.x.at(5)));
  EXPECT_THAT(table.classes, testing::ElementsAre("B", "M, \"x\""));
  EXPECT_EQ(table.y.at(0), 1.0);
  EXPECT_EQ(table.y.dtype(), DType::Int64);
}

TEST(Csv, SkipsColumns) {
  const CsvTable table = parse_csv("id,a,y\n7,1,0\n8,2,1\n", "t.csv", {.skip = {"id"}});
  EXPECT_EQ(table.x.shape(), (Shape{2, 1}));
  EXPECT_EQ(table.x.at(1), 2.0);
}

TEST(Csv, PassesOverAByteOrderMark) {
  const CsvTable table = parse_csv(
      "\xef\xbb\xbf"
      "a,y\n+1.5,0\n",
      "t.csv");
  EXPECT_THAT(table.columns, testing::ElementsAre("a"));
  EXPECT_EQ(table.x.at(0), 1.5);
}

TEST(Csv, RefusesATableWithoutFeatures) {
  EXPECT_THAT([] { parse_csv("a;b\n1;2\n", "t.csv"); },
              testing::ThrowsMessage<ValueError>(
                  testing::AllOf(testing::HasSubstr("t.csv: no column but the label 'a;b'"),
                                 testing::HasSubstr("is ',' the separator?"))));
}

TEST(Csv, ErrorsStayReadableWhateverTheFileHolds) {
  const std::string field = "\x1b[2J" + std::string(100000, 'x');
  EXPECT_THAT([&] { parse_csv("1,2\n" + field + ",4\n", "t.csv"); },
              testing::ThrowsMessage<FileError>(testing::AllOf(
                  testing::HasSubstr("'?[2Jxxx"), testing::SizeIs(testing::Lt(120u)))));
}

TEST(Csv, ErrorsNameFileLineAndText) {
  struct Case {
    const char* text;
    const char* said;
  };
  for (const Case& c :
       {Case{"", "is empty"}, Case{"a,b\n", "no rows"}, Case{"1,2\n3\n", "line 2: has 1 fields"},
        Case{"1,2\nx,4\n", "'x' is not a number"}, Case{"1,2\n+-3,4\n", "'+-3' is not a number"},
        Case{"1,2\n3,\"4", "never closed"}, Case{"1,2\n3,\"4\"5\n", "follows the closing quote"},
        Case{"1,2\n3,\n", "label, is empty"}}) {
    try {
      parse_csv(c.text, "t.csv");
      ADD_FAILURE() << "accepted " << c.text;
    } catch (const FileError& error) {
      EXPECT_THAT(error.what(),
                  testing::AllOf(testing::HasSubstr("t.csv"), testing::HasSubstr(c.said)));
    }
  }
  EXPECT_THROW(parse_csv("a,b\n1,2\n", "t.csv", {.label = "c"}), ValueError);
}

}  // namespace
}  // namespace sinew::data
