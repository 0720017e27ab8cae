namespace IlgpuSpp.Training;

/// <summary>What the loader does where nobody says.</summary>
internal static class LoaderDefaults
{
    private const int MostThreads = 8;

    // Half of the processors: the other half computes, or feeds the device.
    public static int Threads(int asked) => asked > 0 ? asked : Math.Clamp(Environment.ProcessorCount / 2, 1, MostThreads);
}
