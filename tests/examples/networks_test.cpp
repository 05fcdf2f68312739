// The example programs on published networks do a few steps of what they are for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "paths.h"
#include "sinew/io/file.h"

namespace sinew {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  int code = -1;
  std::string output;
};

bool built(const std::string& example) {
  return ::access((paths::build() + "/bin/examples/" + example).c_str(), X_OK) == 0;
}

Outcome run(const std::string& call) {
  std::FILE* pipe = ::popen((paths::build() + "/bin/examples/" + call + " 2>&1").c_str(), "r");
  Outcome result;
  for (int c; (c = std::fgetc(pipe)) != EOF;) result.output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
  return result;
}

/// The numbers behind each occurrence of a text.
std::vector<double> numbers_behind(const std::string& text, const std::string& output) {
  const std::regex pattern(text + " (-?[0-9.]+)");
  std::vector<double> numbers;
  for (std::sregex_iterator at(output.begin(), output.end(), pattern), end; at != end; ++at)
    numbers.push_back(std::stod((*at)[1]));
  return numbers;
}

#define SKIP_UNLESS_BUILT(example) \
  if (!built(example)) GTEST_SKIP() << "the examples are not built"

TEST(NetworkExamples, CharGptLearnsAndWrites) {
  SKIP_UNLESS_BUILT("char_gpt");
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("sinew_char_gpt_" + std::to_string(::getpid()) + ".txt"))
                               .string();
  std::string text;
  for (int i = 0; i < 400; ++i) text += "to be or not\n";
  io::write_file(path, text);
  const Outcome result = run("char_gpt " + path +
                             " --steps 240 --context 16 --width 16 --heads 2 --blocks 1 --batch 8"
                             " --report 80 --sample 40");
  std::filesystem::remove(path);
  EXPECT_EQ(result.code, 0) << result.output;
  const std::vector<double> losses = numbers_behind("validation loss", result.output);
  ASSERT_EQ(losses.size(), 3u) << result.output;
  EXPECT_LT(losses[2], 0.8 * losses[0]);
  EXPECT_GE(result.output.size() - result.output.rfind("validation loss"), 40u);
}

TEST(NetworkExamples, VariationalAutoencoderTellsItsBound) {
  SKIP_UNLESS_BUILT("variational_autoencoder");
  const Outcome result =
      run("variational_autoencoder --epochs 1 --rows 1200 --latent 2 --hidden 16");
  EXPECT_EQ(result.code, 0) << result.output;
  const std::vector<double> bounds =
      numbers_behind("evidence lower bound of unseen images:", result.output);
  ASSERT_EQ(bounds.size(), 1u) << result.output;
  // A network that knows nothing gives each pixel log 2.
  EXPECT_GT(bounds[0], -28 * 28 * 0.693);
}

TEST(NetworkExamples, GanTrainsBothPlayers) {
  SKIP_UNLESS_BUILT("gan");
  const Outcome result = run("gan --steps 4 --batch 4 --filters 2 --report 2");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_EQ(numbers_behind("discriminator", result.output).size(), 2u) << result.output;
  EXPECT_EQ(numbers_behind("generator", result.output).size(), 2u) << result.output;
}

TEST(NetworkExamples, Seq2SeqTranslatesDates) {
  SKIP_UNLESS_BUILT("seq2seq");
  const Outcome result = run("seq2seq --epochs 1 --rows 128 --units 8 --test 4");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_EQ(numbers_behind("exact:", result.output).size(), 1u) << result.output;
  EXPECT_THAT(result.output, HasSubstr(" -> "));
}

TEST(NetworkExamples, UnetSegmentsScenes) {
  SKIP_UNLESS_BUILT("unet_segmentation");
  const Outcome result = run("unet_segmentation --epochs 1 --rows 24 --filters 2");
  EXPECT_EQ(result.code, 0) << result.output;
  const std::vector<double> right = numbers_behind("pixels right:", result.output);
  ASSERT_EQ(right.size(), 1u) << result.output;
  EXPECT_GT(right[0], 0.0);
}

TEST(NetworkExamples, AMistakeIsSaid) {
  SKIP_UNLESS_BUILT("char_gpt");
  const Outcome absent = run("char_gpt /proc/absent");
  EXPECT_EQ(absent.code, 2);
  EXPECT_THAT(absent.output, HasSubstr("/proc/absent"));
  const Outcome unknown = run("seq2seq --step 3");
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.output, HasSubstr("cannot read '--step'; options are"));
  EXPECT_EQ(run("seq2seq --rows many").code, 2);
  EXPECT_THAT(run("char_gpt").output, HasSubstr("usage: char_gpt TEXT"));
}

}  // namespace
}  // namespace sinew
