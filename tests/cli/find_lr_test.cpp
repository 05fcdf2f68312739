#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cli/cli_fixture.h"

namespace sinew {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST_F(Cli, FindsALearningRate) {
  const std::string find = "find-lr --model mlp --data " + path("table.csv") + " --batch-size 20 ";
  const Outcome text = run(find + "--plot " + path("rates.svg"));
  ASSERT_EQ(text.code, 0) << text.errors;
  EXPECT_THAT(text.output, StartsWith("learning rate: "));
  EXPECT_THAT(read("rates.svg"), StartsWith("<?xml"));
  const Outcome json = run(find + "--json --steps 30 --start 1e-4 --end 1");
  ASSERT_EQ(json.code, 0) << json.errors;
  const auto found = nlohmann::json::parse(json.output);
  EXPECT_EQ(found["learning_rate"][0], 1e-4);
  EXPECT_EQ(found["loss"].size(), found["learning_rate"].size());
  EXPECT_GT(found["suggestion"], 1e-4);
}

TEST_F(Cli, FindLrRefusesWhatCannotBe) {
  const std::string find = "find-lr --model mlp --data " + path("table.csv");
  for (const auto& [options, message] : std::vector<std::pair<std::string, std::string>>{
           {" --start 1 --end 0.1", "the smaller first"},
           {" --steps 2", "at least 3"},
           {" --plot /proc/absent/x", "/proc/absent/x"}}) {
    const Outcome result = run(find + options);
    EXPECT_EQ(result.code, 2) << options;
    EXPECT_THAT(result.errors, HasSubstr(message));
  }
}

}  // namespace
}  // namespace sinew
