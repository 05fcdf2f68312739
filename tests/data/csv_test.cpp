#include "sinew/data/csv.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "sinew/base/error.h"
#include "sinew/io/file.h"

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

/// A model's table: columns a, b and the classes cat and dog.
CsvLayout layout() { return parse_csv("a,kind,b\n1,dog,2\n3,cat,4\n", "t.csv", {.label = "1"}); }

TEST(Csv, LabelsOfALaterTableAreTheFirstOnesClasses) {
  const CsvTable table = parse_csv("a,kind,b\n1,dog,2\n", "u.csv", {.like = layout()});
  EXPECT_THAT(table.classes, testing::ElementsAre("cat", "dog"));
  EXPECT_EQ(table.y.at(0), 1.0);
  EXPECT_THAT([] { parse_csv("a,kind,b\n1,dog,2\n1,eel,2\n", "u.csv", {.like = layout()}); },
              testing::ThrowsMessage<FileError>(
                  testing::HasSubstr("u.csv: line 3: column 'kind': the class 'eel' is unknown; "
                                     "the model knows cat, dog")));
}

TEST(Csv, ColumnsOfALaterTableAreFoundByNameOrByNumber) {
  for (const char* text :
       {"a,kind,b\n1,dog,2\n", "b,a,kind\n2,1,dog\n", "b,id,kind,a\n2,x,dog,1\n", "1,dog,2\n"}) {
    const CsvTable table = parse_csv(text, "u.csv", {.like = layout()});
    EXPECT_EQ(table.x.at(0), 1.0) << text;
    EXPECT_EQ(table.x.at(1), 2.0) << text;
    EXPECT_EQ(table.y.at(0), 1.0) << text;
  }
  for (const char* text : {"a,b\n1,2\n", "b,a\n2,1\n", "1,2\n"}) {
    const CsvTable table = parse_csv(text, "u.csv", {.like = layout(), .label_needed = false});
    EXPECT_EQ(table.x.at(0), 1.0) << text;
    EXPECT_EQ(table.x.at(1), 2.0) << text;
    EXPECT_FALSE(table.y.defined()) << text;
    EXPECT_THROW(parse_csv(text, "u.csv", {.like = layout()}), FileError) << text;
  }
}

TEST(Csv, ErrorsOfALaterTableNameTheColumns) {
  const auto message = [](const char* text, const CsvLayout& like) {
    try {
      parse_csv(text, "u.csv", {.like = like});
    } catch (const FileError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_THAT(message("a,kind,c\n1,dog,2\n", layout()),
              testing::HasSubstr("has no column 'b', which the model learned from; its columns are "
                                 "a, kind, c"));
  EXPECT_THAT(message("b,a,b,kind\n1,1,1,dog\n", layout()),
              testing::HasSubstr("has more than one column 'b'"));
  EXPECT_THAT(message("1,2,3,4\n", layout()),
              testing::HasSubstr("has 4 columns, but the model learned from 2 (a, b)"));
  EXPECT_THAT(message("1,2\n", layout()), testing::HasSubstr("has no column 'kind', the label"));
  const CsvLayout numbers = parse_csv("a,y\n1,2\n", "t.csv");
  EXPECT_THAT(message("a,y\n1,2\n3,dog\n", numbers),
              testing::HasSubstr("line 3: column 'y': 'dog' is not a number"));
}

TEST(Csv, AFileIsReadInPiecesThatCutRowsAnywhere) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("sinew_csv_" + std::to_string(::getpid())))
          .string();
  std::string text = "a,\"b\"\"\",kind\r\n";
  std::string longest(3'000'000, '0');
  for (int row = 0; row < 60'000; ++row)
    text += fmt::format("{},\"{}.5\",\"k{}\r\n,\"\"\"\r\n", row, row % 7, row % 3);
  text += "7," + longest + ",k";
  io::write_file(path, text);
  const CsvTable whole = parse_csv(text, path);
  const CsvTable pieces = read_csv(path);
  ASSERT_EQ(pieces.x.shape(), (Shape{60'001, 2}));
  EXPECT_THAT(pieces.columns, testing::ElementsAre("a", "b\""));
  EXPECT_EQ(pieces.classes, whole.classes);
  EXPECT_EQ(pieces.lines, whole.lines);
  EXPECT_EQ(pieces.lines[1], 5);
  for (std::int64_t i = 0; i < whole.x.numel(); ++i) ASSERT_EQ(pieces.x.at(i), whole.x.at(i)) << i;
  for (std::int64_t i = 0; i < whole.y.numel(); ++i) ASSERT_EQ(pieces.y.at(i), whole.y.at(i)) << i;
  // A terabyte of zeros is no table, which its first row shows.
  std::filesystem::resize_file(path, 0);
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
  EXPECT_THAT([&] { read_csv(path); },
              testing::ThrowsMessage<FileError>(
                  testing::AllOf(testing::HasSubstr(path + ": line 1: a row of more than "),
                                 testing::HasSubstr("is this a table?"))));
  std::filesystem::remove(path);
}

TEST(Csv, FieldsAreQuotedWhereTheyMustBe) {
  EXPECT_EQ(csv_field("plain text"), "plain text");
  EXPECT_EQ(csv_field("yes, sir"), "\"yes, sir\"");
  EXPECT_EQ(csv_field("a \"b\""), "\"a \"\"b\"\"\"");
}

}  // namespace
}  // namespace sinew::data
