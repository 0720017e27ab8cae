using ILGPU.Runtime.CPU;

namespace ILGPU;

/// <summary>The group of the running thread.</summary>
public static class Group
{
    /// <summary>The thread's index.</summary>
    public static int IdxX => RunningKernel.Current.GroupIndex.X;

    /// <summary>Threads of the group.</summary>
    public static int DimX => RunningKernel.Current.GroupDim.X;

    /// <summary>Waits for all threads of the group.</summary>
    public static void Barrier() => RunningKernel.Current.Synchronize();
}

/// <summary>The grid of the running thread.</summary>
public static class Grid
{
    /// <summary>The group's index.</summary>
    public static int IdxX => RunningKernel.Current.GridIndex.X;

    /// <summary>The group's index.</summary>
    public static int IdxY => RunningKernel.Current.GridIndex.Y;

    /// <summary>The group's index.</summary>
    public static int IdxZ => RunningKernel.Current.GridIndex.Z;

    /// <summary>Groups of the grid.</summary>
    public static int DimX => RunningKernel.Current.GridDim.X;

    /// <summary>Groups of the grid.</summary>
    public static int DimY => RunningKernel.Current.GridDim.Y;

    /// <summary>Groups of the grid.</summary>
    public static int DimZ => RunningKernel.Current.GridDim.Z;
}

/// <summary>Memory shared by a group.</summary>
public static class SharedMemory
{
    /// <summary>An array shared by the threads of the group; its content is undefined.</summary>
    /// <typeparam name="T">Element type.</typeparam>
    /// <param name="extent">Number of elements.</param>
    public static ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged => RunningKernel.Current.Allocate<T>(extent);
}
