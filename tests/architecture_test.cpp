#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "paths.h"

namespace sinew {
namespace {

namespace fs = std::filesystem;

/// The way of a tensor through the library: a folder includes itself and those before it
/// (docs/architecture.md).
const std::vector<std::string> kFolders = {
    "base",     "io",   "graph", "ops",   "autodiff",     "runtime", "compiler",
    "backends", "data", "nn",    "model", "applications", "cli"};

/// A dependency that stays at its edge: only files whose path (from the root) matches may include
/// it.
struct Edge {
  std::string include;  // a regular expression over what stands between <> or ""
  std::string allowed;  // a regular expression over the including file's path
};
const std::vector<Edge> kEdges = {
    {"oneapi/.*|dnnl.*", "src/backends/cpu/.*"},
    {"hwy/.*", "src/backends/cpu/.*"},
    {"nlohmann/.*", "src/.*\\.cpp|src/(io|model|cli)/.*\\.h"},
    {"fmt/.*|spdlog/.*|CLI/.*|zlib.h", "src/.*"},
    {"cairo/.*", "src/io/.*"},
};

std::string folder_of(const std::string& path) {
  static const std::regex pattern("(?:src|include/sinew|sinew)?/?([a-z]+)/.*");
  std::smatch match;
  return std::regex_match(path, match, pattern) ? match[1].str() : std::string();
}

/// What is wrong with a file's includes, one line a fault, in the order of the file. `path` is
/// relative to the root.
std::vector<std::string> faults(const std::string& path, const std::string& text) {
  static const std::regex include_line("^[ \\t]*#[ \\t]*include[ \\t]*([<\"])([^>\"]+)[>\"]");
  std::vector<std::string> found;
  const std::string folder = folder_of(path);
  const auto rank = std::find(kFolders.begin(), kFolders.end(), folder);
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::smatch match;
    if (!std::regex_search(line, match, include_line)) continue;
    const std::string target = match[2];
    const std::string place = fmt::format("{}:{}: includes {}", path, number, target);
    for (const Edge& edge : kEdges) {
      if (!std::regex_match(target, std::regex(edge.include))) continue;
      if (!std::regex_match(path, std::regex(edge.allowed)))
        found.push_back(place + ", which stays at its edge");
    }
    const bool public_header = path.starts_with("include/");
    if (public_header && match[1] == "\"" && !target.starts_with("sinew/")) {
      found.push_back(place + ", a private header, from a public one");
    }
    if (target.find("..") != std::string::npos)
      found.push_back(place + ": name it from src/ or include/");
    // The whole library is as far down the flow as a model.
    const std::string target_folder = target == "sinew/sinew.h" ? "model" : folder_of(target);
    const auto target_rank = std::find(kFolders.begin(), kFolders.end(), target_folder);
    if (target_rank == kFolders.end() || rank == kFolders.end() || target_folder == folder)
      continue;
    if (match[1] == "<" && !target.starts_with("sinew/")) continue;
    if (target_rank > rank) {
      found.push_back(
          fmt::format("{}: {}/ stands before {}/ in the data flow", place, folder, target_folder));
    } else if (target_folder == "backends") {
      found.push_back(place + ": backends are reached through runtime/backend.h only");
    }
  }
  return found;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Paths, relative to the root, of the C++ files below `top`.
std::vector<std::string> cpp_files(const std::string& top) {
  const fs::path root = paths::source();
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
    const std::string extension = entry.path().extension();
    if (extension == ".h" || extension == ".cpp" || extension == ".cu") {
      paths.push_back(fs::relative(entry.path(), root).generic_string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

TEST(Architecture, IncludesFollowTheDataFlow) {
  std::vector<std::string> found;
  for (const char* top : {"src", "include/sinew"}) {
    for (const std::string& path : cpp_files(top)) {
      for (std::string& fault : faults(path, read(fs::path(paths::source()) / path)))
        found.push_back(std::move(fault));
    }
  }
  EXPECT_THAT(found, testing::IsEmpty());
}

TEST(Architecture, EveryFolderHasItsPlaceInTheOrder) {
  for (const char* top : {"src", "include/sinew"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(paths::source()) / top)) {
      if (!entry.is_directory()) continue;
      EXPECT_THAT(kFolders, testing::Contains(entry.path().filename().string()));
    }
  }
}

TEST(Architecture, ScannerFindsWhatIsForbidden) {
  using testing::HasSubstr;
  const std::vector<std::pair<std::string, std::string>> planted = {
      {"src/graph/graph.cpp", "#include \"compiler/compile.h\""},
      {"src/graph/graph.cpp", "#include \"sinew/nn/layer.h\""},
      {"src/base/shape.cpp", "#include <sinew/graph/graph.h>"},
      {"include/sinew/ops/conv.h", "#include \"sinew/model/model.h\""},
      {"src/model/fit.cpp", "  #  include \"backends/cpu/registry.h\""},
      {"src/compiler/layout.cpp", "#include \"backends/cpu/registry.h\""},
      {"src/nn/layer.cpp", "#include <oneapi/dnnl/dnnl.hpp>"},
      {"src/runtime/backend.h", "#include <dnnl.hpp>"},
      {"src/ops/conv.cpp", "#include \"hwy/highway.h\""},
      {"include/sinew/model/model.h", "#include <nlohmann/json.hpp>"},
      {"src/graph/attributes.h", "#include <nlohmann/json.hpp>"},
      {"include/sinew/base/error.h", "#include <fmt/format.h>"},
      {"include/sinew/graph/graph.h", "#include \"graph/private.h\""},
      {"src/graph/graph.cpp", "#include \"../compiler/compile.h\""},
      {"src/nn/layer.cpp", "#include \"sinew/sinew.h\""},
  };
  for (const auto& [path, line] : planted) {
    const std::vector<std::string> found = faults(path, "// a comment\n" + line + "\n");
    ASSERT_EQ(found.size(), 1u) << path << " with " << line;
    EXPECT_THAT(found[0], HasSubstr(path + ":2: includes "));
  }
}

TEST(Architecture, ScannerLeavesWhatIsAllowed) {
  const std::vector<std::pair<std::string, std::string>> allowed = {
      {"src/graph/graph.cpp", "#include \"sinew/graph/graph.h\""},
      {"src/nn/layer.cpp", "#include \"sinew/ops/conv.h\""},
      {"src/backends/cpu/conv.cpp", "#include \"backends/cpu/registry.h\""},
      {"src/backends/cpu/conv.cpp", "#include <oneapi/dnnl/dnnl.hpp>"},
      {"src/backends/cpu/conv.cpp", "#include \"runtime/backend.h\""},
      {"src/model/save.cpp", "#include <nlohmann/json.hpp>"},
      {"src/base/parallel.cpp", "#include <fmt/format.h>"},
      {"include/sinew/sinew.h", "#include \"sinew/model/model.h\""},
      {"src/cli/train.cpp", "#include \"sinew/sinew.h\""},
      {"src/graph/graph.cpp", "// see #include \"compiler/compile.h\""},
  };
  for (const auto& [path, line] : allowed) {
    EXPECT_THAT(faults(path, line + "\n"), testing::IsEmpty()) << path << " with " << line;
  }
}

}  // namespace
}  // namespace sinew
