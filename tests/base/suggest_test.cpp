#include "sinew/base/suggest.h"

#include <gtest/gtest.h>

namespace sinew {
namespace {

TEST(Suggest, EditDistance) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("Dense", "dense"), 0u);
  EXPECT_EQ(edit_distance("rleu", "relu"), 1u);
}

TEST(Suggest, NamesTheNearest) {
  EXPECT_EQ(nearest_name("softmaks", {"relu", "softmax", "softplus"}), "softmax");
  EXPECT_EQ(nearest_name("x", {}), "");
  EXPECT_EQ(unknown_name_message("layer", "Desne", {"Conv2D", "Dense"}),
            "unknown layer 'Desne': did you mean 'Dense'? Known: Conv2D, Dense");
}

}  // namespace
}  // namespace sinew
