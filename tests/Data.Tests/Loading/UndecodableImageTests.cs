namespace IlgpuSpp.Data.Tests;

public sealed class UndecodableImageTests
{
    [Fact]
    public void A_broken_image_is_named_once_counted_and_replaced_by_the_next_of_the_order()
    {
        var source = new BrokenSource(20, broken: 7);
        var log = new WarningLog();
        using BatchLoader loader = LoaderSets.Loader(source.Dataset(), new LoaderOptions { BatchSize = 4, Threads = 3 }, logger: log);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            int[] order = loader.OrderOf(epoch);
            int[] expected = [.. order.Select((index, i) => index == 7 ? order[(i + 1) % 20] : index)];
            Assert.Equal(expected, loader.Epoch(epoch, 16).SelectMany(b => b.Indices.ToArray()));
        }
        Assert.Equal(["image7.jpg is skipped: truncated"], log.Lines);
        Assert.Equal([new ImageFailure(7, "image7.jpg", "truncated")], loader.Images.Failures);
    }

    [Fact]
    public void Replacements_are_the_same_at_any_number_of_threads()
    {
        string[] one = Run(1);
        Assert.Equal(one, Run(2));
        Assert.Equal(one, Run(3));

        static string[] Run(int threads)
        {
            using BatchLoader loader = LoaderSets.Loader(new BrokenSource(40, 3, 4, 20, 39).Dataset(), new LoaderOptions { BatchSize = 6, Threads = threads });
            return [.. loader.Epoch(0, 16).Select(LoaderSets.Print)];
        }
    }

    [Fact]
    public void Masked_images_do_not_count()
    {
        using BatchLoader loader = LoaderSets.Loader(
            new BrokenSource(20, 2).Dataset(), new LoaderOptions { BatchSize = 4, Shuffle = false, Undecodable = UndecodablePolicy.Mask });
        Batch first = loader.Epoch(0, 16).First();
        Assert.Equal([0, 1, -1, 0], first.Labels.ToArray());
        Assert.Equal([0, 1, 2, 3], first.Indices.ToArray());
        Assert.Equal((4, 3), (first.Size, first.Count));
        Assert.True(first.Images.Slice(2 * 768, 768).IndexOfAnyExcept(0f) < 0);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void More_than_the_share_allowed_is_an_error_with_numbers(int broken, bool allowed) => LoaderSets.Ends(() =>
    {
        var source = new BrokenSource(20, [.. Enumerable.Range(4, broken)]);
        using BatchLoader loader = LoaderSets.Loader(source.Dataset(), new LoaderOptions { BatchSize = 4, Threads = 2, MaxUndecodableShare = 0.1 });
        if (allowed)
        {
            Assert.Equal(20, loader.Epoch(0, 16).Sum(b => b.Count));
            return;
        }
        var error = Assert.Throws<UndecodableImagesException>(() => loader.Epoch(0, 16).Sum(b => b.Count));
        Assert.Equal((3, 20, 0.15), (error.Failed, error.Total, error.Share));
        Assert.Equal("image4.jpg", error.FirstName);
        Assert.Equal("broken set: 3 of 20 images (15.0 %) cannot be decoded, more than the 10.0 % that may be skipped; the first is image4.jpg (truncated); remove or replace these files, or raise the limit.", error.Message);
    });

    [Fact]
    public void Nothing_to_decode_at_all_is_an_error_even_if_all_may_fail() => LoaderSets.Ends(() =>
    {
        using BatchLoader loader = LoaderSets.Loader(new BrokenSource(3, 0, 1, 2).Dataset(), new LoaderOptions { BatchSize = 2, MaxUndecodableShare = 1 });
        Assert.Throws<UndecodableImagesException>(() => loader.Epoch(0, 16).Count());
    });

    [Fact]
    public void The_cache_saves_loading_and_keeps_to_its_budget()
    {
        var source = new BrokenSource(30);
        var images = new PreparedImages(source.Dataset(), LoaderSets.Preparation, cacheBytes: 10 * (21 * 20 * 3 + 64));
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 30; i++) Assert.NotNull(images.Find(i));
        }
        // Ten images of 20 to 22 by 20 fit; the other twenty are decoded in each round.
        Assert.InRange(source.Loads, 30 + 2 * 20 - 1, 30 + 2 * 20 + 1);
        Assert.InRange(images.CachedBytes, 9 * (20 * 20 * 3), 10 * (21 * 20 * 3 + 64));
    }
}
