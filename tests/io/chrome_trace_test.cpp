#include "io/chrome_trace.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sinew::io {
namespace {

using Json = nlohmann::json;

ChromeTrace::Clock::time_point at(std::int64_t microseconds) {
  return ChromeTrace::Clock::time_point{} + std::chrono::microseconds(microseconds);
}

TEST(ChromeTrace, IsAListOfCompleteEventsOuterBeforeInner) {
  ChromeTrace trace("test \"quoted\"");
  // Spans are added when they end: the inner ones first.
  trace.add({"inner", "kernel", at(1005), at(1007), {{"flops", 12.0}}, {{"layer", "Dense \"d\""}}});
  trace.add({"outer", "fit", at(1005), at(1010)});
  trace.add({"first", "fit", at(1000), at(1002)});
  EXPECT_EQ(trace.size(), 3u);
  const Json json = Json::parse(trace.str());
  ASSERT_EQ(json.size(), 4u);
  EXPECT_EQ(json[0]["ph"], "M");
  EXPECT_EQ(json[0]["args"]["name"], "test \"quoted\"");
  EXPECT_EQ(json[1]["name"], "first");
  EXPECT_EQ(json[1]["ts"], 0.0);
  EXPECT_EQ(json[2]["name"], "outer");
  EXPECT_EQ(json[2]["ts"], 5.0);
  EXPECT_EQ(json[2]["dur"], 5.0);
  EXPECT_EQ(json[3]["name"], "inner");
  EXPECT_EQ(json[3]["ph"], "X");
  EXPECT_EQ(json[3]["args"]["flops"], 12.0);
  EXPECT_EQ(json[3]["args"]["layer"], "Dense \"d\"");
}

TEST(ChromeTrace, IsValidWithoutSpans) {
  EXPECT_EQ(Json::parse(ChromeTrace("empty").str()).size(), 1u);
}

}  // namespace
}  // namespace sinew::io
