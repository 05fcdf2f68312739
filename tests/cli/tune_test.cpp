// The tuning table as a user meets it.

#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/cli_fixture.h"

namespace sinew {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

/// A product whose sum is short enough for either kernel: a weight gradient of 512 rows.
constexpr const char* kRequest =
    "matmul {transpose_a=true, transpose_b=false} float32(512, 2), float32(512, 128) -> "
    "float32(2, 128)";

/// The program under a tuning table of the test's.
class Tune : public Cli {
 protected:
  Tune() { ::setenv("SINEW_TUNING", table().c_str(), 1); }
  ~Tune() override { ::setenv("SINEW_TUNING", "none", 1); }
  std::string table() const { return path("tuning.json"); }
  /// 512 rows of 2 features.
  std::string rows_csv() const {
    std::string rows = "a,b,class\n";
    for (int i = 0; i < 512; ++i)
      rows += std::to_string(i % 7) + ",1," + (i % 2 ? "yes\n" : "no\n");
    write("rows.csv", rows);
    return path("rows.csv");
  }
  std::string machine() const {
    ::setenv("SINEW_TUNING", "none", 1);
    const Json info = Json::parse(run("info --json").output);
    ::setenv("SINEW_TUNING", table().c_str(), 1);
    std::string text = info["target"];
    for (const Json& library : info["libraries"]) text += ", " + library.get<std::string>();
    return text;
  }
};

TEST_F(Tune, MeasuresWritesAndIsUsed) {
  const Outcome tuned = run("bench --tune tutorial-cnn-train-b256 --json");
  ASSERT_EQ(tuned.code, 0) << tuned.errors;
  const Json list = Json::parse(tuned.output);
  ASSERT_GE(list.size(), 1u);
  const Json written = Json::parse(read("tuning.json"));
  ASSERT_TRUE(written["machines"].contains(machine())) << written.dump(1);
  const Json& choices = written["machines"][machine()];
  EXPECT_EQ(choices.size(), list.size());
  for (const Json& entry : list) {
    const std::string request = entry["request"];
    EXPECT_GE(entry["microseconds"].size(), 2u) << request;
    EXPECT_EQ(choices[request]["implementation"], entry["chosen"]) << request;
  }
  EXPECT_THAT(run("info").output, AllOf(HasSubstr(table()), HasSubstr("identity")));
}

TEST_F(Tune, TheTableDecides) {
  std::vector<std::string> used;
  for (const char* name : {"split", "sharded"}) {
    Json table = {{"format", "sinew-tuning-1"}, {"machines", Json::object()}};
    table["machines"][machine()][kRequest] = {{"implementation", name}};
    write("tuning.json", table.dump());
    const Outcome result = run("profile mlp --batch-size 512 --runs 2 --data " + rows_csv());
    ASSERT_EQ(result.code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr(std::string("matmul/") + name));
    used.push_back(result.output);
  }
  EXPECT_THAT(used[0], Not(HasSubstr("matmul/sharded")));
}

TEST_F(Tune, ATableOfAnotherVersionsKernelsIsRefused) {
  Json wrong = {{"format", "sinew-tuning-1"}, {"machines", Json::object()}};
  wrong["machines"][machine()][kRequest] = {{"implementation", "onednm"}};
  write("tuning.json", wrong.dump());
  const Outcome result = run("profile mlp --batch-size 512 --runs 1 --data " + rows_csv());
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.errors, AllOf(HasSubstr(table()), HasSubstr("did you mean 'onednn'"),
                                   HasSubstr("sinew bench --tune")));
}

TEST_F(Tune, ATableThatCannotBeReadIsTheUsersMistake) {
  EXPECT_EQ(run("summary mlp").code, 0) << "nothing is computed, so no table is needed";
  const std::string train = "train --model mlp --quiet --data " + path("table.csv");
  for (const std::string& command : {train, std::string("info")}) {
    std::filesystem::remove(table());
    EXPECT_EQ(run(command).code, 2) << "SINEW_TUNING names a file that is not there";
    write("tuning.json", "{\"format\": 3}");
    const Outcome result = run(command);
    EXPECT_EQ(result.code, 2) << command;
    EXPECT_THAT(result.errors, AllOf(HasSubstr(table()), HasSubstr("format"))) << command;
  }
}

TEST_F(Tune, AResumedTrainingIsToldOfAnotherTable) {
  const std::string train = "train --model mlp --quiet --batch-size 8 --data " + path("table.csv");
  ::setenv("SINEW_TUNING", "none", 1);
  ASSERT_EQ(run(train + " --checkpoint " + path("c")).code, 0);
  Outcome resumed = run(train + " --epochs 2 --resume " + path("c"));
  EXPECT_EQ(resumed.code, 0);
  EXPECT_THAT(resumed.output + resumed.errors, Not(HasSubstr("written with kernels of")));
  const Json table = {{"format", "sinew-tuning-1"},
                      {"machines", {{machine(), {{"matmul x", {{"implementation", "onednn"}}}}}}}};
  write("tuning.json", table.dump());
  ::setenv("SINEW_TUNING", this->table().c_str(), 1);
  resumed = run(train + " --epochs 2 --resume " + path("c"));
  EXPECT_EQ(resumed.code, 0) << resumed.errors;
  EXPECT_THAT(resumed.output + resumed.errors, HasSubstr("written with kernels of"));
}

}  // namespace
}  // namespace sinew
