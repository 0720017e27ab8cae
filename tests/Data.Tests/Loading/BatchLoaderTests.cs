using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Data.Tests;

public sealed class BatchLoaderTests
{
    [Fact]
    public void An_epoch_holds_every_sample_once_with_its_label_in_an_order_of_its_own()
    {
        using BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(50), new LoaderOptions { BatchSize = 8 });
        var orders = new List<int[]>();
        for (int epoch = 0; epoch < 2; epoch++)
        {
            var seen = new List<int>();
            foreach (Batch batch in loader.Epoch(epoch, 16))
            {
                Assert.Equal((epoch, seen.Count / 8, 16, 16), (batch.Epoch, batch.Number, batch.Height, batch.Width));
                Assert.Equal(batch.Size * 16 * 16 * 3, batch.Images.Length);
                foreach (int index in batch.Indices) seen.Add(index);
                Assert.Equal(batch.Indices.ToArray().Select(i => i % 3), batch.Labels.ToArray());
            }
            Assert.Equal(loader.OrderOf(epoch), seen);
            Assert.Equal(Enumerable.Range(0, 50), seen.Order());
            orders.Add([.. seen]);
        }
        Assert.Equal(7, loader.BatchesPerEpoch);
        Assert.NotEqual(orders[0], orders[1]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 2)]
    public void Batches_are_the_same_at_any_number_of_threads_with_and_without_cache(int threads, int prefetched)
    {
        ImageDataset set = LoaderSets.Memory(37);
        string[] expected = Run(new LoaderOptions { BatchSize = 5, Seed = 3 }, 1 << 20);
        Assert.Equal(expected, Run(new LoaderOptions { BatchSize = 5, Seed = 3, Threads = threads, PrefetchedBatches = prefetched }, 0));
        Assert.Equal(expected, Run(new LoaderOptions { BatchSize = 5, Seed = 3, Threads = threads, PrefetchedBatches = prefetched }, 20_000));
        Assert.NotEqual(expected, Run(new LoaderOptions { BatchSize = 5, Seed = 4, Threads = threads }, 0));

        string[] Run(LoaderOptions options, long cacheBytes)
        {
            using BatchLoader loader = LoaderSets.Loader(set, options, cacheBytes);
            return [.. Enumerable.Range(0, 3).SelectMany(epoch => loader.Epoch(epoch, epoch == 1 ? 12 : 16).Select(LoaderSets.Print).ToArray())];
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    public void An_epoch_can_begin_at_any_batch_of_a_new_loader(int firstBatch)
    {
        ImageDataset set = LoaderSets.Memory(37);
        var options = new LoaderOptions { BatchSize = 5, Threads = 2 };
        using BatchLoader whole = LoaderSets.Loader(set, options), resumed = LoaderSets.Loader(set, options);
        Assert.Equal(whole.Epoch(6, 16).Select(LoaderSets.Print).ToArray()[firstBatch..], resumed.Epoch(6, 16, firstBatch).Select(LoaderSets.Print));
    }

    [Theory]
    [InlineData(false, 4, 2, 2)]
    [InlineData(true, 4, 5, 2)]
    public void The_last_batch_is_kept_or_padded(bool pad, int batches, int lastSize, int lastCount)
    {
        using BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(17), new LoaderOptions { BatchSize = 5, PadLastBatch = pad, Shuffle = false });
        (int Size, int Count, int[] Labels, int[] Indices, float Last)[] seen =
            [.. loader.Epoch(0, 16).Select(b => (b.Size, b.Count, b.Labels.ToArray(), b.Indices.ToArray(), b.Images[^1]))];
        Assert.Equal(batches, seen.Length);
        Assert.Equal((lastSize, lastCount), (seen[^1].Size, seen[^1].Count));
        if (pad)
        {
            Assert.Equal([0, 1, -1, -1, -1], seen[^1].Labels);
            Assert.Equal([15, 16, -1, -1, -1], seen[^1].Indices);
            Assert.Equal(0, seen[^1].Last);
        }
    }

    [Fact]
    public void Batches_are_reused()
    {
        using BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(60), new LoaderOptions { BatchSize = 4, Threads = 3, PrefetchedBatches = 2 });
        var batches = new HashSet<Batch>(ReferenceEqualityComparer.Instance);
        for (int epoch = 0; epoch < 3; epoch++) batches.UnionWith(loader.Epoch(epoch, 16));
        Assert.InRange(batches.Count, 1, 3);
    }

    [Fact]
    public void Ending_an_epoch_early_leaves_the_loader_usable() => LoaderSets.Ends(() =>
    {
        using BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(60), new LoaderOptions { BatchSize = 4, Threads = 3 });
        string[] expected = [.. loader.Epoch(1, 16).Select(LoaderSets.Print)];
        for (int i = 0; i < 50; i++)
        {
            foreach (Batch batch in loader.Epoch(0, 12))
            {
                if (batch.Number == i % 5) break;
            }
        }
        Assert.Equal(expected, loader.Epoch(1, 16).Select(LoaderSets.Print));
    });

    [Fact]
    public void Disposing_with_full_and_with_empty_queues_does_not_hang() => LoaderSets.Ends(() =>
    {
        for (int i = 0; i < 20; i++)
        {
            BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(40), new LoaderOptions { BatchSize = 2, Threads = 3, PrefetchedBatches = 1 });
            using IEnumerator<Batch> epoch = loader.Epoch(0, 16).GetEnumerator();
            if (i % 2 == 0) epoch.MoveNext();
            if (i % 4 == 0) Thread.Sleep(5);
            loader.Dispose();
            Assert.Throws<ObjectDisposedException>(() => epoch.MoveNext());
        }
    });

    [Fact]
    public void Cancellation_ends_a_wait() => LoaderSets.Ends(() =>
    {
        using var gate = new ManualResetEventSlim();
        var set = new ImageDataset("slow", ["a", "b"], new WaitingSource(gate), [new ImageSample("0", 0, 0), new ImageSample("1", 1, 1)]);
        using BatchLoader loader = LoaderSets.Loader(set, new LoaderOptions { BatchSize = 2 });
        using var cancel = new CancellationTokenSource();
        Task<int> waiting = Task.Run(() => loader.Epoch(0, 16, cancellation: cancel.Token).Count());
        Thread.Sleep(50);
        Assert.False(waiting.IsCompleted);
        cancel.Cancel();
        gate.Set();
        Assert.IsAssignableFrom<OperationCanceledException>(Assert.Throws<AggregateException>(() => waiting.Wait()).InnerException);
        Assert.Single(loader.Epoch(0, 16));
    });

    [Fact]
    public void Two_epochs_at_once_are_refused()
    {
        using BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(10), new LoaderOptions { BatchSize = 2 });
        foreach (Batch _ in loader.Epoch(0, 16))
        {
            Assert.Throws<InvalidOperationException>(() => loader.Epoch(1, 16).First());
            break;
        }
    }

    [Fact]
    public void Empty_sets_and_too_large_batches_are_refused()
    {
        Assert.Throws<DatasetException>(() => LoaderSets.Loader(LoaderSets.Memory(0), new LoaderOptions()));
        using BatchLoader loader = LoaderSets.Loader(LoaderSets.Memory(3), new LoaderOptions { BatchSize = 3 });
        Assert.Throws<ArgumentException>(() => loader.Epoch(0, 40_000).First());
    }

    private sealed class WaitingSource(ManualResetEventSlim gate) : IImageSource
    {
        public int Count => 2;

        public string NameOf(int index) => $"{index}";

        public RgbImage Load(int index)
        {
            gate.Wait();
            return LoaderSets.Image(index);
        }
    }
}
