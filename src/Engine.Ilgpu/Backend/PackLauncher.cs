namespace IlgpuSpp.Engine.Ilgpu;

/// <summary>The launchers of a kernel over packs: for four floats a thread and for one, each loaded when first used.</summary>
internal sealed class PackLauncher<TLauncher>
    where TLauncher : Delegate
{
    private TLauncher? _one, _four;

    /// <summary>The launcher of a width; null until it is loaded.</summary>
    public ref TLauncher? Of(bool four) => ref four ? ref _four : ref _one;
}
