using IlgpuSpp.Engine.Ilgpu;

namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>Opening, listing, refusing; memory.</summary>
[Collection("devices")]
public sealed class DeviceTests
{
    [Theory]
    [InlineData("gpu")]
    [InlineData("cpu:0")]
    [InlineData("cuda:x")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:1:2")]
    [InlineData("")]
    public void AnUnknownNameIsRefusedWithTheNamesThereAre(string name)
    {
        var error = Assert.Throws<DeviceException>(() => Device.Open(name));
        Assert.Equal(name, error.Device);
        Assert.Contains("auto, cpu, cuda[:n], opencl[:n], any-opencl[:n] or ilgpu-cpu", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda:99")]
    [InlineData("opencl:99")]
    public void ADeviceThatIsNotThereIsRefusedWithTheReason(string name)
    {
        var error = Assert.Throws<DeviceException>(() => Device.Open(name));
        Assert.Equal(name, error.Device);
        Assert.True(error.Message.Length > name.Length + 20, error.Message);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("ilgpu-cpu")]
    public void APrecisionThatADeviceDoesNotHaveIsRefused(string name)
    {
        var error = Assert.Throws<DeviceException>(() => Device.Open(name, new DeviceOptions { Precision = Precision.Bf16 }));
        Assert.Contains("fp32", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("opencl:1")]
    [InlineData("ilgpu-cpu")]
    public void TheSameBitsOnEveryProcessorAreForTheCpuDevice(string name)
    {
        var options = new DeviceOptions { DeterministicExact = true };
        Assert.Equal($"DeterministicExact is for the cpu device alone, not for {name}.", Assert.Throws<OptionsException>(() => Device.Open(name, options)).Message);
        using Backend backend = Device.Open("auto", options);
        Assert.Equal(("cpu", true), (backend.Device.Name, backend.DeterministicExact));
    }

    [Fact]
    public void TheListHasEveryKindAndEachIsOfferedOrExplained()
    {
        IReadOnlyList<DeviceListing> devices = Device.List();
        foreach (string kind in (string[])["cpu", "cuda", "opencl", "ilgpu-cpu"])
            Assert.Contains(devices, d => d.Name.Split(':')[0] == kind);
        Assert.All(devices, d => Assert.True(d.IsAvailable ? d is { MemoryBytes: > 0, Parallelism: > 0, Hardware.Length: > 0 } : d.Unavailable!.Length > 20, d.ToString()));
    }

    [Fact]
    public void TwoDevicesWorkSideBySideAndRefuseEachOthersTensors()
    {
        using Backend first = Device.Open("ilgpu-cpu"), second = Device.Open("ilgpu-cpu");
        using Tensor a = first.Allocate(new Shape(5)), b = second.Allocate(new Shape(5));
        first.Fill(a, 1);
        second.Fill(b, 2);
        Assert.All(a.ToArray(), v => Assert.Equal(1, v));
        Assert.All(b.ToArray(), v => Assert.Equal(2, v));
        Assert.Throws<DeviceException>(() => first.Add(a, b, a));
    }

    [Fact]
    public void MemoryIsReusedAndTheCapIsKept()
    {
        using Backend backend = Device.Open("ilgpu-cpu", new DeviceOptions { MemoryCap = 1 << 20 });
        long before = backend.Memory.InUse;
        Tensor first = backend.Allocate(new Shape(100_000));
        Assert.Equal(before + 4 * 114_688, backend.Memory.InUse);
        long allocations = backend.Memory.Allocations;
        first.Dispose();
        using Tensor again = backend.Allocate(new Shape(100_000));
        Assert.Equal(allocations, backend.Memory.Allocations);
        var error = Assert.Throws<DeviceMemoryException>(() => backend.Allocate(new Shape(1_000_000)));
        Assert.Equal(backend.Memory.InUse, error.HeldBytes);
        Assert.Equal((1 << 20) - backend.Memory.InUse, error.AvailableBytes);
        Assert.True(error.RequestedBytes >= 4_000_000);
    }

    [Fact]
    public void UploadsLongerThanTheStagingRingArriveWhole()
    {
        Backend backend = OpenDevices.Get("ilgpu-cpu");
        float[] values = Values(3 * 8 * (1 << 19) / 2 + 7);
        using Tensor tensor = backend.Allocate(new Shape(values.Length));
        tensor.Upload(values);
        Assert.Equal(values, tensor.ToArray());

        static float[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => (float)i)];
    }

    [Fact]
    public void AProductWhoseDepthIsSplitEqualsTheWholeOne()
    {
        // On a card the split is told from its multiprocessors; here it is asked for.
        using var backend = (IlgpuBackend)Device.Open("ilgpu-cpu");
        using Tensor a = backend.Allocate(new Shape(5, 1100)), b = backend.Allocate(new Shape(1100, 6)), c = backend.Allocate(new Shape(5, 6));
        backend.FillUniform(a, -1, 1, new RandomKey(1, 1, 1));
        backend.FillUniform(b, -1, 1, new RandomKey(1, 2, 1));
        backend.Fill(c, 2);
        backend.Gemm(false, false, 1, a, b, 0.5f, c);
        float[] whole = c.ToArray();
        backend.TargetGroups = 4;
        backend.Fill(c, 2);
        backend.Gemm(false, false, 1, a, b, 0.5f, c);
        float[] split = c.ToArray();
        Assert.NotEqual(whole, split);
        for (int i = 0; i < whole.Length; i++) Assert.Equal(whole[i], split[i], 4e-5f);
    }

    [Fact]
    public void PyramidsOverManyMapSizesKeepABoundedMemory()
    {
        using Backend backend = Device.Open("ilgpu-cpu");
        var pyramid = new Pyramid([1, 2]);
        using Tensor values = backend.Allocate(new Shape(50 * 51)), y = backend.Allocate(new Shape(1, 5));
        values.Upload([.. Enumerable.Range(0, 50 * 51).Select(i => (float)i)]);
        long bound = 0;
        for (int height = 1; height <= 100; height++)
        {
            // Tables are as long as the sum of the sides, so that the geometry of every map takes the same memory.
            var map = new Shape(1, height, 101 - height, 1);
            backend.PyramidForward(values.View(map), y, null, pyramid);
            Assert.Equal(map.Count - 1, y.ToArray()[0]);
            if (height == IlgpuBackend.LargestTableCount) bound = backend.Memory.InUse;
        }
        Assert.Equal(bound, backend.Memory.InUse);
    }

    [Fact]
    public void TheSameCallGivesTheSameBits()
    {
        Backend backend = OpenDevices.Get("ilgpu-cpu");
        using Tensor x = backend.Allocate(new Shape(700)), sum = backend.Allocate(new Shape(1));
        backend.FillNormal(x, 0, 1, new RandomKey(4, 4, 4));
        backend.Sum(x, sum);
        float once = sum.ToArray()[0];
        backend.Sum(x, sum);
        Assert.Equal(BitConverter.SingleToInt32Bits(once), BitConverter.SingleToInt32Bits(sum.ToArray()[0]));
    }

    [Fact]
    public void DownloadsArriveWhileTheCollectorMovesArrays()
    {
        Backend backend = OpenDevices.Get("ilgpu-cpu");
        float[] values = [.. Enumerable.Range(1, 5000).Select(i => (float)i)];
        using Tensor tensor = backend.Allocate(new Shape(values.Length));
        tensor.Upload(values);
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested) GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: true);
        });
        collector.Start();
        int wrong = 0;
        var holes = new byte[64][];
        for (int i = 0; i < 20_000; i++)
        {
            // Short-lived neighbours, so that a collection has something to move the array over.
            holes[i % holes.Length] = new byte[3000];
            if (!tensor.ToArray().AsSpan().SequenceEqual(values)) wrong++;
        }
        stop.Cancel();
        collector.Join();
        Assert.Equal(0, wrong);
    }
}
