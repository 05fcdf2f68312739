#include "sinew/data/uci_har.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "paths.h"
#include "sinew/base/error.h"

namespace sinew::data {
namespace {

constexpr const char* kSignals[] = {"body_acc_x",  "body_acc_y",  "body_acc_z",
                                    "body_gyro_x", "body_gyro_y", "body_gyro_z",
                                    "total_acc_x", "total_acc_y", "total_acc_z"};

/// A folder of two training windows and one test window. Signal s of window w is at step t
/// 1000 s + 200 w + t, so that every element of x tells where it came from.
class UciHarTest : public testing::Test {
 protected:
  UciHarTest() {
    folder_ = std::filesystem::temp_directory_path() /
              fmt::format("sinew_har_{}_{}", ::getpid(),
                          testing::UnitTest::GetInstance()->current_test_info()->name());
    write_part("train", 2, "5\n1\n");
    write_part("test", 1, "6\n");
  }
  ~UciHarTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path signal(const std::string& part, const char* name) const {
    return folder_ / part / "Inertial Signals" / fmt::format("{}_{}.txt", name, part);
  }
  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  void write_part(const std::string& part, int windows, const std::string& labels) {
    std::filesystem::create_directories(folder_ / part / "Inertial Signals");
    write(folder_ / part / fmt::format("y_{}.txt", part), labels);
    for (int s = 0; s < 9; ++s) write(signal(part, kSignals[s]), lines(s, windows));
  }
  static std::string lines(int s, int windows) {
    std::string text;
    for (int w = 0; w < windows; ++w) {
      for (int t = 0; t < 128; ++t) text += fmt::format("  {:.7e}", 1000.0 * s + 200.0 * w + t);
      text += "\n";
    }
    return text;
  }
  void expect_error(const std::string& said) {
    EXPECT_THAT([&] { load_uci_har(folder_.string()); },
                testing::ThrowsMessage<FileError>(testing::HasSubstr(said)));
  }

  std::filesystem::path folder_;
};

TEST_F(UciHarTest, PutsEverySignalInItsPlace) {
  // One signal compressed, as the others may be.
  const auto plain = signal("train", kSignals[4]);
  gzFile file = gzopen((plain.string() + ".gz").c_str(), "wb");
  const std::string text = lines(4, 2);
  ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
            static_cast<int>(text.size()));
  gzclose(file);
  std::filesystem::remove(plain);

  const WindowDataset set = load_uci_har(folder_.string());
  ASSERT_EQ(set.x_train.shape(), (Shape{2, 128, 9}));
  ASSERT_EQ(set.x_test.shape(), (Shape{1, 128, 9}));
  for (int w = 0; w < 2; ++w) {
    for (int t = 0; t < 128; ++t) {
      for (int s = 0; s < 9; ++s) {
        ASSERT_EQ(set.x_train.at((w * 128 + t) * 9 + s), 1000.0 * s + 200.0 * w + t)
            << w << " " << t << " " << s;
      }
    }
  }
  EXPECT_THAT(set.y_train.data<std::int64_t>(), testing::ElementsAre(4, 0));
  EXPECT_THAT(set.y_test.data<std::int64_t>(), testing::ElementsAre(5));
  EXPECT_TRUE(is_uci_har(folder_.string()));
  EXPECT_FALSE(is_uci_har((folder_ / "train").string()));
}

TEST_F(UciHarTest, ErrorsNameFileAndLine) {
  const auto path = signal("test", "body_gyro_y");
  std::filesystem::remove(path);
  expect_error("body_gyro_y_test.txt[.gz]: cannot be opened");
  std::string text = lines(4, 1);
  write(path, text.substr(0, text.rfind(' ')) + "\n");
  expect_error("body_gyro_y_test.txt: line 1: has 127 numbers, not 128");
  write(path, text + text);
  expect_error("has 2 windows, but there are 1 labels");
  for (const char* bad : {"1.0x", "1.0-2.0", "zero"}) {
    write(path, text + bad);
    expect_error(fmt::format("line 2: '{}' is not a number", bad));
  }
}

TEST_F(UciHarTest, RefusesLabelsThatAreNoActivity) {
  for (const char* bad : {"0", "7", "-1", "1.5", "nan", "inf", "1e30"}) {
    write(folder_ / "train" / "y_train.txt", fmt::format("3\n{}\n", bad));
    expect_error("y_train.txt: line 2: activity ");
  }
}

TEST_F(UciHarTest, RefusesDamagedCompression) {
  const auto path = signal("train", "total_acc_x");
  std::filesystem::remove(path);
  write(path.string() + ".gz", "\x1f\x8b\x08");
  expect_error("total_acc_x_train.txt.gz: is damaged");
}

TEST(UciHar, RealWindowsFeelGravityAlongTheBody) {
  const char* shared = std::getenv("SINEW_SHARED");
  const std::string folder =
      fmt::format("{}/data/uci-har", shared ? shared : paths::source() + "/../shared");
  if (!is_uci_har(folder)) {
    GTEST_SKIP() << "no UCI HAR in " << folder << "; SINEW_SHARED names the folder of data/";
  }
  const WindowDataset set = load_uci_har(folder);
  for (const auto& [x, y] : {std::pair(set.x_train, set.y_train), {set.x_test, set.y_test}}) {
    const std::int64_t windows = y.numel();
    ASSERT_EQ(x.shape(), (Shape{windows, 128, 9}));
    // The phone hangs upright at the waist: axis x of the total acceleration (signal 6) feels 1 g
    // whenever its bearer is up, and hardly any of it when laying.
    double sum[6] = {};
    int count[6] = {};
    for (std::int64_t window = 0; window < windows; ++window) {
      const auto activity = static_cast<std::size_t>(y.at(window));
      ++count[activity];
      for (int t = 0; t < 128; ++t) sum[activity] += x.at((window * 128 + t) * 9 + 6) / 128;
    }
    for (std::size_t activity = 0; activity < 6; ++activity) {
      ASSERT_GT(count[activity], 50) << activity;
      const double mean = sum[activity] / count[activity];
      if (activity == 5) {
        EXPECT_LT(std::abs(mean), 0.5) << "laying";
      } else {
        EXPECT_NEAR(mean, 0.95, 0.15) << activity;
      }
    }
  }
}

}  // namespace
}  // namespace sinew::data
