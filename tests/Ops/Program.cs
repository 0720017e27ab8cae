using IlgpuSpp.Engine.Cpu;
using IlgpuSpp.Ops;

// Runs cases at the widest vectors of this process, which the caller has narrowed by environment variables, and prints
// "name<tab>digest" lines after the level: the long cases that are the same at every width, then all with exact lanes. The
// argument is the level that must be left.
if (args is not [var expected] || SimdSupport.Widest.ToString() != expected)
{
    Console.Error.WriteLine($"the widest level here is {SimdSupport.Widest}, not {string.Join(' ', args)}");
    return 1;
}
using var backend = new CpuBackend(new CpuOptions { Threads = 2 });
Console.WriteLine($"{backend.Simd}\t{System.Runtime.Intrinsics.Vector128.IsHardwareAccelerated}");
foreach (OpCase test in OpCases.Long)
{
    if (test.SameAtEveryWidth) Console.WriteLine($"{test.Name}\t{test.Digest(backend)}");
}
using var exact = new CpuBackend(new CpuOptions { Threads = 2, DeterministicExact = true });
foreach (OpCase test in OpCases.Exact) Console.WriteLine($"{test.Name}\t{test.Digest(exact)}");
return 0;
