#include "runtime/tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinew/base/error.h"

namespace sinew::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kMachine = "AVX2, oneDNN 2.6.3";

TuningTable small_table() {
  TuningTable table;
  table.set(kMachine, "matmul float32(2, 2)", {"onednn", {{"onednn", 1.5}, {"sharded", 2}}});
  table.set(kMachine, "conv2d float32(2, 2)", {"direct"});
  table.set("NEON", "matmul float32(2, 2)", {"sharded"});
  return table;
}

TEST(TuningTable, ComesBackFromItsText) {
  const TuningTable table = TuningTable::parse(small_table().str(), "t.json");
  EXPECT_EQ(table.str(), small_table().str());
  EXPECT_EQ(table.size(kMachine), 2u);
  ASSERT_NE(table.find(kMachine, "matmul float32(2, 2)"), nullptr);
  EXPECT_EQ(table.find(kMachine, "matmul float32(2, 2)")->implementation, "onednn");
  EXPECT_EQ(table.find(kMachine, "matmul float32(2, 2)")->microseconds.at("onednn"), 1.5);
  EXPECT_EQ(table.find("NEON", "conv2d float32(2, 2)"), nullptr);
  EXPECT_EQ(table.find("AVX3", "matmul float32(2, 2)"), nullptr);
}

TEST(TuningTable, ItsIdentityIsThatOfItsChoices) {
  const std::string identity = small_table().identity(kMachine);
  EXPECT_EQ(identity.size(), 16u);
  TuningTable other = small_table();
  other.set(kMachine, "conv2d float32(2, 2)", {"direct", {{"direct", 3}}});
  other.set("NEON", "matmul float32(2, 2)", {"onednn"});
  EXPECT_EQ(other.identity(kMachine), identity) << "times and other machines do not matter";
  other.set(kMachine, "conv2d float32(2, 2)", {"onednn"});
  EXPECT_NE(other.identity(kMachine), identity);
  EXPECT_EQ(TuningTable().identity(kMachine), "default");
  EXPECT_EQ(small_table().identity("AVX3"), "default");
}

TEST(TuningTable, WhatIsMalformedIsRefusedByNameOfFileAndEntry) {
  const std::string head = R"({"format": "sinew-tuning-1", "machines": )";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not JSON"},
      {"{", "not JSON"},
      {"[]", "format"},
      {R"({"format": 1})", "format"},
      {R"({"format": "sinew-tuning-1"})", "machines"},
      {head + "[]}", "machines"},
      {head + R"({"AVX2": []}})", "machine \"AVX2\" is no object"},
      {head + R"({"AVX2": {"matmul": "onednn"}}})", "\"matmul\" of machine \"AVX2\""},
      {head + R"({"AVX2": {"matmul": {"implementation": 1}}}})", "does not name an implementation"},
      {head + R"({"AVX2": {"matmul": {"implementation": "a", "microseconds": 1}}}})", "no object"},
      {head + R"({"AVX2": {"matmul": {"implementation": "a", "microseconds": {"a": "b"}}}}})",
       "not a number"},
  };
  for (const auto& [text, said] : cases) {
    try {
      TuningTable::parse(text, "/home/t.json");
      ADD_FAILURE() << text;
    } catch (const FileError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("/home/t.json"), HasSubstr(said),
                                      HasSubstr("sinew bench --tune")))
          << text;
    }
  }
}

KernelRequest product(std::int64_t m, std::int64_t k, std::int64_t n) {
  return {"matmul",
          {{"transpose_a", false}, {"transpose_b", false}},
          {{DType::Float32, {m, k}}, {DType::Float32, {k, n}}},
          {{DType::Float32, {m, n}}},
          "a test"};
}

TEST(RequestKind, RoundsLargeExtentsUpAndKeepsSmallOnes) {
  EXPECT_EQ(request_kind(product(17, 1600, 10)), request_kind(product(32, 2048, 10)));
  EXPECT_NE(request_kind(product(17, 1600, 10)), request_kind(product(16, 1600, 10)));
  EXPECT_NE(request_kind(product(32, 64, 9)), request_kind(product(32, 64, 10)));
  EXPECT_THAT(request_kind(product(17, 1600, 10)),
              AllOf(testing::StartsWith("matmul {"), HasSubstr("float32(32, 2048)"),
                    HasSubstr("-> float32(32, 10)")));
  KernelRequest with_shape = product(2, 2, 2);
  with_shape.attributes.set("x_shape", std::vector<std::int64_t>{17, 3});
  EXPECT_EQ(request_kind(with_shape), request_kind(product(2, 2, 2)));
}

}  // namespace
}  // namespace sinew::runtime
