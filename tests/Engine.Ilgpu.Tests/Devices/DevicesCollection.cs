namespace IlgpuSpp.Engine.Ilgpu.Tests;

/// <summary>Tests that share the opened devices run one after another: the simulator's threads would compete.</summary>
[CollectionDefinition("devices", DisableParallelization = true)]
public sealed class DevicesCollection;
