namespace IlgpuSpp.Engine.Tests;

/// <summary>The devices that every operation is tested on: the CPU at each of its vector widths.</summary>
public static class TestDevices
{
    /// <summary>Names for theories.</summary>
    public static TheoryData<string> All
    {
        get
        {
            var names = new TheoryData<string>();
            for (SimdLevel level = SimdLevel.Scalar; level <= SimdSupport.Widest; level++) names.Add(level.ToString());
            return names;
        }
    }

    /// <summary>Every device with the number of every case.</summary>
    public static TheoryData<string, int> Each(int cases)
    {
        var runs = new TheoryData<string, int>();
        foreach (string device in All)
            for (int i = 0; i < cases; i++)
                runs.Add(device, i);
        return runs;
    }

    public static CpuBackend Open(string name, int threads = 2, bool exact = false) =>
        new(new CpuOptions { Simd = Enum.Parse<SimdLevel>(name), Threads = threads, DeterministicExact = exact });
}
