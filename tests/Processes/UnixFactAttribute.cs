namespace IlgpuSpp.Processes;

/// <summary>A test of what Windows has not; skipped there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute() => Skip = UnixOnly.Reason;
}

/// <summary>The same with rows of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute() => Skip = UnixOnly.Reason;
}

/// <summary>Why a test is skipped; null where it is run.</summary>
internal static class UnixOnly
{
    public static string? Reason => OperatingSystem.IsWindows() ? "Windows has no signals and pipes in folders." : null;
}
