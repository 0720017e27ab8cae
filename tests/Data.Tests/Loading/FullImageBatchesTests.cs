namespace IlgpuSpp.Data.Tests;

public sealed class FullImageBatchesTests
{
    [Fact]
    public void Images_are_grouped_by_exact_size_and_come_once()
    {
        PreparedImages images = Prepared(LoaderSets.Memory(100));
        var seen = new List<int>();
        foreach (Batch batch in new FullImageBatches(images, new LoaderOptions { BatchSize = 8 }))
        {
            Assert.InRange(batch.Size, 1, 8);
            for (int row = 0; row < batch.Size; row++)
            {
                int index = batch.Indices[row];
                Assert.Equal((20, 20 + index % 3, index % 3), (batch.Height, batch.Width, batch.Labels[row]));
                Assert.Equal(LoaderSets.Image(index).Pixels.Select(p => (float)p), batch.ImageRow(row).ToArray());
                seen.Add(index);
            }
        }
        Assert.Equal(Enumerable.Range(0, 100), seen.Order());
    }

    [Fact]
    public void Full_groups_leave_few_batches()
    {
        // 34, 33 and 33 images of three sizes: five batches a size.
        Assert.Equal(15, new FullImageBatches(Prepared(LoaderSets.Memory(100)), new LoaderOptions { BatchSize = 8 }).Count());
    }

    [Fact]
    public void Batches_do_not_depend_on_threads_or_cache()
    {
        ImageDataset set = LoaderSets.Memory(100);
        string[] one = Run(1, 0);
        Assert.Equal(one, Run(3, 0));
        Assert.Equal(one, Run(2, 1 << 20));

        string[] Run(int threads, long cache) =>
            [.. new FullImageBatches(new PreparedImages(set, LoaderSets.Preparation, cache), new LoaderOptions { BatchSize = 8, Threads = threads }).Select(LoaderSets.Print)];
    }

    [Fact]
    public void Waiting_images_keep_to_their_budget()
    {
        // Two images fit; the third, of another size, sends the fullest group off.
        int[] sizes = [.. new FullImageBatches(Prepared(LoaderSets.Memory(30)), new LoaderOptions { BatchSize = 8 }, pendingBytes: 2 * 22 * 20 * 3).Select(b => b.Size)];
        Assert.Equal(30, sizes.Sum());
        Assert.All(sizes, size => Assert.InRange(size, 1, 2));
    }

    [Fact]
    public void Broken_images_are_left_out()
    {
        var images = new PreparedImages(new BrokenSource(30, 5).Dataset(), LoaderSets.Preparation);
        Assert.Equal(29, new FullImageBatches(images, new LoaderOptions()).Sum(b => b.Count));
        Assert.Throws<UndecodableImagesException>(() => new FullImageBatches(images, new LoaderOptions { MaxUndecodableShare = 0.01 }).Count());
    }

    private static PreparedImages Prepared(ImageDataset set) => new(set, LoaderSets.Preparation);
}
