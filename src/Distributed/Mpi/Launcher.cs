using System.Globalization;

namespace IlgpuSpp.Distributed.Mpi;

/// <summary>What the environment says about the launcher that started this process.</summary>
/// <param name="Name">The variable that tells.</param>
/// <param name="Size">Number of processes that were started.</param>
/// <param name="IsOpenMpi">Whether it is OpenMPI's; Slurm's may be followed by any library.</param>
internal sealed record Launcher(string Name, int Size, bool IsOpenMpi)
{
    /// <summary>Finds the launcher; null where the process was started by hand.</summary>
    public static Launcher? Find() => Of("OMPI_COMM_WORLD_SIZE", true) ?? Of("SLURM_STEP_NUM_TASKS", true) ?? Of("PMI_SIZE", false);

    private static Launcher? Of(string variable, bool openMpi) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int size) ? new Launcher(variable, size, openMpi) : null;
}
