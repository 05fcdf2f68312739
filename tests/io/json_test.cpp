#include "io/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinew/base/error.h"
#include "sinew/io/safetensors.h"
#include "sinew/model/model.h"

namespace sinew::io {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::string nested(const std::string& open, const std::string& close, int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) text += open;
  text += "1";
  for (int i = 0; i < levels; ++i) text += close;
  return text;
}

TEST(JsonText, ReadsWhatIsNestedSensibly) {
  EXPECT_EQ(parse_json(R"({"a": [1, {"b": null}]})")["a"][1]["b"], nullptr);
  EXPECT_NO_THROW(parse_json(nested("[", "]", kMaxJsonDepth)));
}

TEST(JsonText, RefusesWhatIsNestedTooDeeply) {
  for (int levels : {kMaxJsonDepth + 2, 200'000}) {
    EXPECT_THAT([&] { parse_json(nested("[", "]", levels)); },
                ThrowsMessage<ValueError>(HasSubstr("nested more than 100 levels deep")));
    EXPECT_THAT([&] { parse_json(nested("{\"a\":", "}", levels)); },
                ThrowsMessage<ValueError>(HasSubstr("nested more than 100 levels deep")));
  }
}

TEST(JsonText, EveryReaderHasTheLimit) {
  const std::string deep = nested("{\"config\":", "}", 200'000);
  EXPECT_THAT([&] { model_from_json(deep); }, ThrowsMessage<ValueError>(HasSubstr("levels deep")));
  std::vector<std::uint8_t> file(8 + deep.size());
  const std::uint64_t size = deep.size();
  std::copy_n(reinterpret_cast<const std::uint8_t*>(&size), 8, file.begin());
  std::copy(deep.begin(), deep.end(), file.begin() + 8);
  EXPECT_THAT([&] { parse_safetensors(file, "deep.safetensors"); },
              ThrowsMessage<FileError>(
                  testing::AllOf(HasSubstr("deep.safetensors"), HasSubstr("levels deep"))));
}

TEST(JsonText, ObjectsInObjectsOfAnOptionDoNotGrowWithoutEnd) {
  std::string object = R"({"class_name": "Zeros", "config": {}})";
  for (int i = 0; i < 30; ++i) object = R"({"class_name": "A", "config": {"b": )" + object + "}}";
  EXPECT_THAT(
      [&] {
        model_from_json(R"({"class_name": "Sequential", "config": {"layers": [{"class_name":
          "Dense", "config": {"units": 1, "kernel_initializer": )" +
                        object + "}}]}}");
      },
      ThrowsMessage<ValueError>(HasSubstr("objects are nested more than 8 deep")));
}

TEST(JsonText, RefusesANameGivenTwiceAndMalformedText) {
  EXPECT_THAT([] { parse_json(R"({"a": 1, "b": {"a": 2}, "a": 3})"); },
              ThrowsMessage<ValueError>(HasSubstr("holds 'a' twice")));
  EXPECT_THAT([] { parse_json("{\n\"a\": x}"); }, ThrowsMessage<ValueError>(HasSubstr("line 2")));
}

TEST(JsonText, NumbersThat64BitsDoNotHoldAreNamed) {
  EXPECT_THAT(
      [] {
        model_from_json(R"({"class_name": "Sequential", "config": {"layers": [{"class_name":
          "Dense", "config": {"units": 18446744073709551615}}]}})");
      },
      ThrowsMessage<ValueError>(HasSubstr("'units' is 18446744073709551615")));
}

}  // namespace
}  // namespace sinew::io
