// Which of several kernels is made.

#include "backends/cpu/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sinew/base/error.h"

namespace sinew::cpu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<Kernel> nothing(const KernelRequest&) { return nullptr; }

std::int64_t rows(const KernelRequest& request) { return request.inputs.at(0).shape[0]; }

// Registered out of order: neither that nor the order of files matters.
const RegisterKernel small_first({
    .op = "test_registry",
    .create = nothing,
    .implementation = "small",
    .applies = [](const KernelRequest& r) { return rows(r) < 100; },
    .cost = [](const KernelRequest& r) { return static_cast<double>(rows(r)); },
});
const RegisterKernel any_rows({
    .op = "test_registry",
    .create = nothing,
    .implementation = "any",
    .cost = [](const KernelRequest&) { return 10.0; },
});
const RegisterKernel last_resort({.op = "test_registry",
                                  .create = nothing,
                                  .implementation = "resort"});
const RegisterKernel positive({
    .op = "test_registry_positive",
    .create = nothing,
    .applies = [](const KernelRequest& r) { return rows(r) > 0; },
});

KernelRequest request(const std::string& op, std::int64_t rows) {
  return {op, {}, {{DType::Float32, {rows}}}, {{DType::Float32, {rows}}}, "layer \"a\""};
}

TEST(ChooseKernel, TakesTheCheapestThatApplies) {
  runtime::Backend& backend = runtime::default_backend();
  EXPECT_THAT(backend.implementations(request("test_registry", 5)),
              ElementsAre("any", "resort", "small"));
  EXPECT_THAT(backend.implementations(request("test_registry", 200)), ElementsAre("any", "resort"));
  EXPECT_EQ(backend.choose(request("test_registry", 5)), "small");
  EXPECT_EQ(backend.choose(request("test_registry", 50)), "any");
  EXPECT_EQ(backend.choose(request("test_registry", 10)), "any") << "the first of equals";
  EXPECT_EQ(backend.choose(request("test_registry_positive", 1)), "");
}

TEST(ChooseKernel, TakesTheOneAskedFor) {
  KernelRequest asked = request("test_registry", 5);
  asked.implementation = "resort";
  EXPECT_EQ(choose_kernel(asked).implementation, "resort");
  asked = request("test_registry", 200);
  asked.implementation = "small";
  try {
    choose_kernel(asked);
    ADD_FAILURE();
  } catch (const InternalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("layer \"a\": kernel 'small' of 'test_registry'"));
  }
}

TEST(ChooseKernel, SaysSoWhenThereIsNone) {
  EXPECT_THROW(runtime::default_backend().choose(request("test_registry_positive", 0)),
               InternalError);
  EXPECT_THROW(runtime::default_backend().choose(request("test_no_such_op", 0)), InternalError);
}

TEST(ChooseKernel, LongSumsOverSmallResultsAreNeverLeftToThreads) {
  KernelRequest product{"matmul",
                        {{"transpose_a", true}, {"transpose_b", false}},
                        {{DType::Float32, {4096, 32}}, {DType::Float32, {4096, 64}}},
                        {{DType::Float32, {32, 64}}},
                        "a test"};
  EXPECT_THAT(runtime::default_backend().implementations(product),
              testing::Not(testing::Contains("onednn")));
  EXPECT_THAT(runtime::default_backend().implementations(product), testing::Contains("sharded"));
}

}  // namespace
}  // namespace sinew::cpu
